import type { TrafficFlow } from '../../engine/plan.js';
import { exampleOf } from '../../engine/requests.js';
import { clockSince, monotonicNs, wallTime } from '../../platform/clock.js';
import { findProgram } from '../../platform/machine.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { Step } from '../../steps/step.js';
import { ask } from '../../wire/ask.js';
import { endpointOf } from '../../wire/endpoint.js';
import { toolVersion } from '../package-info.js';
import { type Check, fine, missing, warn } from './check.js';
import { programsOf } from './programs.js';

/** Whether the programs of the steps are there, and whether the target answers as the scenario expects. */
export async function checkScenario(scenario: Scenario): Promise<Check[]> {
  return [...(await checkPrograms(scenario)), ...(await checkTarget(scenario))];
}

async function checkPrograms(scenario: Scenario): Promise<Check[]> {
  const checks = new Map<string, Check>();
  for (const step of allSteps(scenario)) {
    const cwd = step.cwd ?? scenario.dir;
    const path = step.env.PATH ?? scenario.vars.PATH ?? process.env.PATH ?? '';
    for (const program of programsOf(step.run)) {
      const found = await findProgram(program, { path, cwd });
      const name = `program ${program}`;
      if (found !== null) checks.set(name, checks.get(name) ?? fine(name, found));
      else checks.set(name, notFound(name, program, step));
    }
  }
  return [...checks.values()];
}

function notFound(name: string, program: string, step: Step): Check {
  const needs = `needed by the step ${step.name}`;
  // A list is argv and says for certain what it starts, unless a variable or an earlier step makes it.
  if (Array.isArray(step.run) && !program.includes('/'))
    return missing(name, `not found, ${needs}`, `Install ${program}, or correct PATH.`);
  return warn(name, `not found now, ${needs}`, `Install ${program}, unless an earlier step makes it.`);
}

function allSteps(scenario: Scenario): Step[] {
  return [...scenario.setup, ...scenario.steps, ...scenario.rollback, ...scenario.teardown];
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
  const checks: Check[] = [];
  for (const flow of flows) checks.push(await askFlow(flow, scenario));
  return checks;
}

async function askFlow(flow: TrafficFlow, { traffic, ...scenario }: Scenario): Promise<Check> {
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
    return warn(name, `${where}: blocked with status ${outcome.status}`, fix, { about: 'target' });
  }
  if (outcome.kind !== 'ok') {
    const detail = outcome.detail === '' ? outcome.cause : `${outcome.cause} (${outcome.detail})`;
    const fix =
      scenario.setup.length > 0
        ? 'Expected where the setup steps start the target; otherwise start it, or correct `target.url`.'
        : `Start the target, or correct \`target.url\`. \`zdd-verify explain ${outcome.cause}\` says more.`;
    const make = scenario.setup.length > 0 ? warn : missing;
    return make(name, `${where}: ${detail}`, fix, { about: 'target' });
  }
  const took = `${where}: ${outcome.status} after ${clock.now().toFixed(0)} ms`;
  if (declared !== null && flow.endpoint === 0 && version === null) {
    return warn(
      name,
      `${took}, without a version`,
      'This answer does not carry what `target.version` names: the change of version could not be proved by it.',
      { about: 'target' },
    );
  }
  return fine(name, version === null ? took : `${took}, version ${version}`, { about: 'target' });
}
