import type { TrafficFlow } from '../../engine/plan.js';
import { exampleOf } from '../../engine/requests.js';
import { clockSince, monotonicNs, wallTime } from '../../platform/clock.js';
import type { Scenario } from '../../scenario/scenario.js';
import { ask } from '../../wire/ask.js';
import { endpointOf } from '../../wire/endpoint.js';
import { toolVersion } from '../package-info.js';
import { checkBefore } from './before-checks.js';
import { type Check, fine, missing, warn } from './check.js';
import { checkProbes } from './probe-checks.js';
import { checkPrograms } from './program-checks.js';
import { checkWatchers } from './watch-checks.js';

/**
 * Whether what a run asks for is there: the programs of the steps and their scripts, hosts, requirements, what is
 * watched, and the target's own answers.
 */
export async function checkScenario(scenario: Scenario): Promise<Check[]> {
  return [
    ...(await checkPrograms(scenario)),
    ...(await checkBefore(scenario)),
    ...(await checkWatchers(scenario)),
    ...(await checkTarget(scenario)),
    ...(await checkProbes(scenario)),
  ];
}

/** Asks each reading flow once; writing flows are not tried, they leave something behind. */
async function checkTarget(scenario: Scenario): Promise<Check[]> {
  const flows = scenario.traffic.flows.filter(({ method }) => method === 'GET' || method === 'HEAD');
  if (flows.length === 0)
    return [
      warn('target', 'not asked: every flow writes', 'Nothing to do; a run asks it in the preflight.', {
        about: 'target',
      }),
    ];
  const asked: Asked[] = [];
  for (const flow of flows) asked.push(await askFlow(flow, scenario));
  // One flow whose answers say the version is enough to prove its change.
  const isSaid = asked.some(({ version }) => version === 'said');
  return asked.map(({ check, version }) => {
    if (version !== 'missing' || isSaid) return check;
    const fix =
      'This answer does not carry what `target.version` names: the change of version could not be proved by it. A flow that asks a route whose answer has it will do.';
    return warn(check.name, check.found, fix, { about: 'target' });
  });
}

interface Asked {
  check: Check;
  /** Whether the answer said the version that is declared; `unasked` where none had to. */
  version: 'said' | 'missing' | 'unasked';
}

async function askFlow(flow: TrafficFlow, { traffic, ...scenario }: Scenario): Promise<Asked> {
  const clock = clockSince(monotonicNs());
  const userAgent = `zdd-verify/${toolVersion()} (doctor)`;
  const endpoint = traffic.endpoints[flow.endpoint] ?? endpointOf(scenario.target.url);
  const request = exampleOf(flow, { ...traffic, seed: traffic.seed ?? 0, userAgent }, wallTime().getTime());
  const { timeoutMs, version: declared } = traffic;
  const { outcome, version } = await ask(request, { endpoint, userAgent, timeoutMs, version: declared, clock });
  const name = `target ${flow.name}`;
  const where = `${flow.method} ${endpoint.origin}${request.path}`;
  if (outcome.kind === 'blocked') {
    const fix = 'The traffic would be turned away too: let the harness through, or lower the rate.';
    const check = warn(name, `${where}: blocked with status ${outcome.status}`, fix, { about: 'target' });
    return { check, version: 'unasked' };
  }
  if (outcome.kind !== 'ok') {
    const detail = outcome.detail === '' ? outcome.cause : `${outcome.cause} (${outcome.detail})`;
    const fix =
      scenario.setup.length > 0
        ? 'Expected where the setup steps start the target; otherwise start it, or correct `target.url`.'
        : `Start the target, or correct \`target.url\`. \`zdd-verify explain ${outcome.cause}\` says more.`;
    const make = scenario.setup.length > 0 ? warn : missing;
    return { check: make(name, `${where}: ${detail}`, fix, { about: 'target' }), version: 'unasked' };
  }
  const took = `${where}: ${outcome.status} after ${clock.now().toFixed(0)} ms`;
  if (declared === null || flow.endpoint !== 0)
    return { check: fine(name, took, { about: 'target' }), version: 'unasked' };
  const found = version === null ? `${took}, without a version` : `${took}, version ${version}`;
  return { check: fine(name, found, { about: 'target' }), version: version === null ? 'missing' : 'said' };
}
