import { clockSince, monotonicNs } from '../../platform/clock.js';
import type { ProbePlan } from '../../probes/plan.js';
import type { Scenario } from '../../scenario/scenario.js';
import { ask } from '../../wire/ask.js';
import type { Endpoint } from '../../wire/endpoint.js';
import type { RequestPlan } from '../../wire/plan.js';
import { toolVersion } from '../package-info.js';
import { type Check, fine, missing, warn } from './check.js';

/** Asks each probe that only reads its route once; those that write, log in or keep a connection open are not tried. */
export async function checkProbes({ probes, setup }: Scenario): Promise<Check[]> {
  if (probes === null) return [];
  const checks: Check[] = [];
  for (const plan of probes.probes) {
    const request = requestOf(plan);
    if (request === null) continue;
    const endpoint = 'endpoint' in plan ? plan.endpoint : probes.endpoint;
    checks.push(
      await askProbe(plan, request, endpoint, { timeoutMs: probes.timeoutMs, startsTarget: setup.length > 0 }),
    );
  }
  return checks;
}

function requestOf(plan: ProbePlan): RequestPlan | null {
  switch (plan.probe) {
    case 'idle':
    case 'inflight':
    case 'twin':
    case 'control':
      return /^(?:GET|HEAD)$/.test(plan.request.method) ? plan.request : null;
    case 'assets': {
      const expect = { statuses: null, body: null, json: [], headers: [] };
      return { method: 'GET', path: plan.page, headers: plan.headers, body: null, expect };
    }
    default:
      return null;
  }
}

async function askProbe(
  plan: ProbePlan,
  request: RequestPlan,
  endpoint: Endpoint,
  { timeoutMs, startsTarget }: { timeoutMs: number; startsTarget: boolean },
): Promise<Check> {
  const name = `probe ${plan.probe}`;
  const where = `${request.method} ${endpoint.origin}${request.path}`;
  const clock = clockSince(monotonicNs());
  const userAgent = `zdd-verify/${toolVersion()} (doctor)`;
  const { outcome } = await ask(request, { endpoint, userAgent, timeoutMs, version: null, clock });
  const tookMs = clock.now();
  if (outcome.kind === 'blocked')
    return warn(name, `${where}: ${outcome.detail}`, 'The probe would be turned away too.', { about: 'target' });
  if (outcome.kind !== 'ok') {
    const found = `${where}: ${outcome.cause}${outcome.detail === '' ? '' : ` (${outcome.detail})`}`;
    const fix = startsTarget
      ? `Expected where the setup steps start the target; otherwise name a route that is there under \`probes.${plan.probe}\`.`
      : `The probe asks this all through the run: name a route that is there under \`probes.${plan.probe}\`, or leave the probe out.`;
    return (startsTarget ? warn : missing)(name, found, fix, { about: 'target' });
  }
  const found = `${where}: ${outcome.status} after ${tookMs.toFixed(0)} ms`;
  if (plan.probe === 'inflight' && tookMs < plan.everyMs)
    return warn(
      name,
      found,
      `One is to be under way at every moment, and begins every ${plan.everyMs} ms: name a route that takes longer than that, or a shorter \`every\`. Without one at the switch the run is inconclusive.`,
      { about: 'target' },
    );
  return fine(name, found, { about: 'target' });
}
