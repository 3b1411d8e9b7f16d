import type { TrafficFlow } from '../engine/plan.js';
import { exampleOf } from '../engine/requests.js';
import { wallTime } from '../platform/clock.js';
import { type AskOptions, ask } from '../wire/ask.js';
import { endpointOf } from '../wire/endpoint.js';
import type { RunContext } from './context.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** Sends each safe flow once; why the target is not fit to be released to, or null where it is. */
export async function preflight(context: RunContext): Promise<string | null> {
  const { scenario, halt } = context;
  context.onProgress('preflight');
  for (const flow of scenario.traffic.flows.filter(({ method }) => SAFE_METHODS.includes(method))) {
    const { outcome } = await ask(questionOf(context, flow), { ...optionsFor(context, flow), signal: halt.signal });
    if (outcome.kind !== 'ok') {
      const cause = outcome.kind === 'blocked' ? 'blocked' : outcome.cause;
      const { origin } = optionsFor(context, flow).endpoint;
      return `${flow.method} ${origin}${flow.path}: ${cause}${outcome.detail === '' ? '' : ` (${outcome.detail})`}`;
    }
  }
  return null;
}

/** The version the target serves now, asked once; null where it is not declared or does not answer. */
export async function versionNow(context: RunContext): Promise<string | null> {
  const { traffic } = context.scenario;
  if (traffic.version === null) return null;
  for (const flow of traffic.flows.filter(({ method }) => SAFE_METHODS.includes(method))) {
    if (flow.endpoint !== 0) continue;
    const { version } = await ask(questionOf(context, flow), optionsFor(context, flow));
    if (version !== null) return version;
  }
  return null;
}

function questionOf({ scenario, userAgent }: RunContext, flow: TrafficFlow) {
  return exampleOf(flow, { ...scenario.traffic, seed: scenario.traffic.seed ?? 0, userAgent }, wallTime().getTime());
}

function optionsFor(context: RunContext, flow: TrafficFlow): AskOptions {
  const { traffic } = context.scenario;
  return {
    endpoint: traffic.endpoints[flow.endpoint] ?? endpointOf(''),
    userAgent: context.userAgent,
    timeoutMs: traffic.timeoutMs,
    version: traffic.version,
    clock: context.clock,
  };
}
