import { ask } from '../wire/ask.js';
import type { RunContext } from './context.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** Sends each safe flow once; why the target is not fit to be released to, or null where it is. */
export async function preflight(context: RunContext): Promise<string | null> {
  const { scenario, halt } = context;
  context.onProgress('preflight');
  for (const flow of scenario.traffic.flows.filter(({ method }) => SAFE_METHODS.includes(method))) {
    const { outcome } = await ask(flow, { ...questions(context), signal: halt.signal });
    if (outcome.kind !== 'ok') {
      return `${flow.method} ${scenario.traffic.origin}${flow.path}: ${outcome.cause}${outcome.detail === '' ? '' : ` (${outcome.detail})`}`;
    }
  }
  return null;
}

/** The version the target serves now, asked once; null where it is not declared or does not answer. */
export async function versionNow(context: RunContext): Promise<string | null> {
  const { traffic } = context.scenario;
  if (traffic.version === null) return null;
  for (const flow of traffic.flows.filter(({ method }) => SAFE_METHODS.includes(method))) {
    const { version } = await ask(flow, questions(context));
    if (version !== null) return version;
  }
  return null;
}

function questions(context: RunContext) {
  const { traffic } = context.scenario;
  return {
    origin: traffic.origin,
    userAgent: context.userAgent,
    timeoutMs: traffic.timeoutMs,
    version: traffic.version,
    clock: context.clock,
  };
}
