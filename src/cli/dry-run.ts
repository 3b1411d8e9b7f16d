import type { StreamRate } from '../engine/plan.js';
import { formatMs } from '../model/units.js';
import type { Scenario } from '../scenario/scenario.js';
import { requirementText } from '../steps/requirement.js';
import type { Step } from '../steps/step.js';
import type { Endpoint } from '../wire/endpoint.js';

type ProbePlan = NonNullable<Scenario['probes']>['probes'][number];

/** What a run would do: where the traffic goes, how much of it, what is asked beside it, and the steps in order. */
export function dryRunLines(scenario: Scenario): string[] {
  const { traffic, probes } = scenario;
  const release = [...scenario.steps, ...(scenario.rehearsal === 'none' ? [] : scenario.rollback)];
  const rows: [string, string][] = [
    ...traffic.endpoints.map((endpoint, index): [string, string] => [
      'target',
      describeTarget(endpoint, index, scenario),
    ]),
    ...traffic.streams.map(({ name, rate }, index): [string, string] => [
      'traffic',
      `${describeRate(rate)}: ${flowsOf(scenario, index, name)}`,
    ]),
    ...(probes?.probes ?? []).map((probe): [string, string] => ['probe', describeProbe(probe)]),
    ...scenario.requirements.map((requirement): [string, string] => ['requires', requirementText(requirement)]),
    ...sqlRows(scenario),
    ...scenario.hosts.map(({ name, destination }): [string, string] => ['host', `${name}: ${destination}`]),
    ['baseline', `${scenario.baselineMs / 1000} s after ${scenario.warmupMs / 1000} s of warm-up`],
    ...[...scenario.setup, ...release, ...scenario.teardown].map((step): [string, string] => [
      step.kind,
      describeStep(step),
    ]),
    ...scenario.hooks.map(({ event, run }): [string, string] => [
      'hook',
      `${event}: ${typeof run === 'string' ? run.trim().split('\n')[0] : run.join(' ')}`,
    ]),
  ];
  return [...rows.map(([what, text]) => `${what.padEnd(10)} ${text}`), 'nothing was run'];
}

/** The SQL that is looked at before anything is run. */
function sqlRows({ setup, steps, rollback, teardown }: Scenario): [string, string][] {
  return [...setup, ...steps, ...rollback, ...teardown].flatMap(({ name, migrations }): [string, string][] => {
    if (migrations === null) return [];
    const { files, postgres, trace, refuse } = migrations;
    const what = `checked for PostgreSQL ${postgres}${trace ? ', traced' : ''}${refuse === 'error' ? ', an error refuses the run' : ''}`;
    return [['sql', `${name}: ${files.map(({ file }) => file).join(', ')} (${what})`]];
  });
}

function describeTarget(
  { name, origin, protocol, address, socketPath }: Endpoint,
  index: number,
  { target }: Scenario,
): string {
  const where = socketPath ?? address;
  const parts = [
    name === '' ? '' : `${name}:`,
    index === 0 ? target.url : origin,
    where === null ? '' : `at ${where}`,
    protocol === 'h2' ? 'over HTTP/2' : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** `200/s`, or a ramp: `0/s, to 200/s in 30.0 s`. */
function describeRate(rate: StreamRate['rate']): string {
  const parts: string[] = [];
  let perSec = Number.NaN;
  for (const { fromPerSec, toPerSec, forMs } of rate) {
    const isFlat = fromPerSec === toPerSec;
    const time = forMs === null ? '' : isFlat ? ` for ${formatMs(forMs)}` : ` in ${formatMs(forMs)}`;
    if (fromPerSec !== perSec) parts.push(isFlat ? `${fromPerSec}/s${time}` : `${fromPerSec}/s`);
    else if (isFlat && forMs !== null) parts.push(`${fromPerSec}/s${time}`);
    if (!isFlat) parts.push(`to ${toPerSec}/s${time}`);
    perSec = toPerSec;
  }
  return parts.join(', ');
}

function flowsOf({ traffic }: Scenario, stream: number, name: string): string {
  if (name !== '') return name;
  return traffic.flows.flatMap((flow) => (flow.stream === stream ? flow.name : [])).join(', ');
}

function describeProbe(plan: ProbePlan): string {
  switch (plan.probe) {
    case 'idle':
      return `idle: ${connections(plan.connections)}`;
    case 'websocket':
    case 'sse':
      return `${plan.probe}: ${plan.path}, ${connections(plan.connections)}`;
    case 'assets':
      return `assets: ${plan.page} every ${formatMs(plan.everyMs)}`;
    case 'upload':
      return `upload: ${plan.request.method} ${plan.request.path}, ${plan.bytes} bytes over ${formatMs(plan.overMs)}`;
    case 'session':
      return `session: ${plan.check.method} ${plan.check.path} every ${formatMs(plan.everyMs)}`;
    case 'ledger':
      return `ledger: ${plan.write.method} ${plan.write.path} every ${formatMs(plan.everyMs)}`;
    case 'inflight':
      return `inflight: ${plan.request.method} ${plan.request.path} every ${formatMs(plan.everyMs)}`;
    case 'twin':
    case 'control':
      return `${plan.probe}: ${plan.request.method} ${plan.endpoint.origin}${plan.request.path} every ${formatMs(plan.everyMs)}`;
  }
}

function connections(count: number): string {
  return `${count} connection${count === 1 ? '' : 's'}`;
}

function describeStep({ name, run, host, ready, holdMs, holdUntil, ratePerSec }: Step): string {
  const command = typeof run === 'string' ? (run.trim().split('\n')[0] ?? '') : (run ?? []).join(' ');
  const waits = run === null && ready !== null ? `waits for ${ready.checks.map(askedOf).join(' and ')}` : '';
  const held =
    holdUntil === null
      ? ''
      : `held until ${holdUntil.requests} requests${[holdUntil.version, holdUntil.flow].map((of) => (of === null ? '' : ` of ${of}`)).join('')}, at most ${formatMs(holdMs ?? 0)}`;
  const on = host === null ? '' : ` on ${host.name}`;
  const rest = [command, waits, held].filter((text) => text !== '').join('; ');
  return `${name}${on}${ratePerSec === null ? '' : ` (at ${ratePerSec}/s)`}${rest === '' ? '' : `: ${rest}`}`;
}

function askedOf({ method, path, version }: NonNullable<Step['ready']>['checks'][number]): string {
  return version === null ? `${method} ${path}` : `version ${version.expected} at ${method} ${path}`;
}
