import type { TrafficPlan } from '../engine/plan.js';
import { parseRate } from '../model/units.js';
import { numberOf, parsePercent } from './leaves.js';
import type { Path, Report } from './problem.js';
import { readRequest, type TargetBase } from './requests.js';
import type { CheckedFlow, CheckedScenario } from './schema.js';
import { METHODS } from './schema-requests.js';

const DEFAULT_KEEPALIVE = 0.8;
export const DEFAULT_POOL = 20;

/** Reads `traffic`; what else the plan needs is the caller's. */
export function readTraffic(
  input: CheckedScenario['traffic'],
  target: TargetBase,
  timeoutMs: number,
  path: Path,
  report: Report,
): Pick<TrafficPlan, 'ratePerSec' | 'keepaliveShare' | 'pool' | 'client' | 'maxInFlight' | 'flows'> {
  const ratePerSec = parseRate(String(input.rate)) ?? 1;
  const { maxInFlight, connections } = input;
  return {
    ratePerSec,
    keepaliveShare: keepaliveShareOf(connections, [...path, 'connections'], report),
    pool: connections?.pool === undefined ? DEFAULT_POOL : numberOf(connections.pool),
    client: input.client ?? 'strict',
    maxInFlight: maxInFlight === undefined ? defaultMaxInFlight(ratePerSec, timeoutMs) : numberOf(maxInFlight),
    flows: readFlows(input.mix, target, [...path, 'mix'], report),
  };
}

/** Room for every request to hang until its timeout, half as much again, and some for a burst. */
export function defaultMaxInFlight(ratePerSec: number, timeoutMs: number): number {
  return Math.ceil(ratePerSec * (timeoutMs / 1000) * 1.5) + 100;
}

/** The flow's name, given or made of method and path. */
export function flowName(flow: Pick<CheckedFlow, 'name' | (typeof METHODS)[number]>): string {
  if (flow.name !== undefined) return flow.name;
  const method = METHODS.find((each) => flow[each] !== undefined) ?? 'get';
  return `${method.toUpperCase()} ${flow[method] ?? '/'}`;
}

function readFlows(
  input: readonly CheckedFlow[],
  target: TargetBase,
  path: Path,
  report: Report,
): TrafficPlan['flows'] {
  const seen = new Map<string, number>();
  return input.map((flow, index) => {
    const here = [...path, index];
    const name = flowName(flow);
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    else {
      const at = flow.name === undefined ? here : [...here, 'name'];
      report(at, `a second flow with the name \`${name}\``, { hint: 'give each a `name` of its own' });
    }
    const weight = flow.weight === undefined ? 1 : numberOf(flow.weight);
    return { name, weight, ...readRequest(flow, target, 'mix', here, report) };
  });
}

function keepaliveShareOf(input: CheckedScenario['traffic']['connections'], path: Path, report: Report): number {
  const keepalive = input?.keepalive === undefined ? null : parsePercent(input.keepalive);
  const fresh = input?.fresh === undefined ? null : parsePercent(input.fresh);
  if (keepalive !== null && fresh !== null && Math.abs(keepalive + fresh - 1) > 1e-9) {
    const sum = Number(((keepalive + fresh) * 100).toPrecision(6));
    report(path, `\`keepalive\` and \`fresh\` make ${sum} %, not 100 %`, {
      hint: 'give one of them; the other is the rest',
    });
  }
  if (keepalive !== null) return keepalive;
  return fresh === null ? DEFAULT_KEEPALIVE : Number((1 - fresh).toPrecision(12));
}
