import type { Run, Stall } from '../../model/run.js';
import { BUCKET_MS } from '../../model/run.js';
import { formatCount } from '../../model/units.js';
import { type Evidence, stallText } from '../evidence.js';
import type { Measure } from '../measure.js';
import { faultsIn, faultText } from '../probe-faults.js';
import type { VersionChange } from '../version-change.js';
import { cellsAfterBaseline } from './gets.js';

const NAMED = 5;

/**
 * What no check sees that only counts errors of its own requests: stalls in which nothing failed, connections closed
 * while idle, what probes found that users lost, and a version that did not change as asked.
 */
export function missedByAll(m: Measure, { stalls, breaches }: Evidence, change: VersionChange): string[] {
  const silent = stalls.filter((stall) => !failedIn(m.run, stall));
  return [
    ...silent.slice(0, NAMED).map((stall) => `a stall: ${stallText(m.run, stall)}`),
    ...(silent.length > NAMED ? [`${formatCount(silent.length - NAMED)} more stalls`] : []),
    ...idleClosesOf(m),
    ...breaches.map((breach) => faultText(m.run, breach)),
    ...(change.verified === false ? change.missing : []),
  ];
}

/** Whether any request failed while it lasted. */
function failedIn({ buckets }: Run, { startAt, endAt }: Stall): boolean {
  return buckets.some(({ at, failed }) => failed > 0 && at + BUCKET_MS > startAt && at <= endAt);
}

/** Of the idle sentinels where there are any, else of the traffic's own pool. */
function idleClosesOf(m: Measure): string[] {
  const watched = faultsIn(m.run, m.whole, 'risk').find(({ probe }) => probe === 'idle');
  if (watched !== undefined) return [faultText(m.run, watched)];
  const from = m.run.phases[m.whole.phases[0] ?? -1]?.startAt ?? Number.POSITIVE_INFINITY;
  const pooled = m.run.idleClosed.filter(({ at }) => at >= from).length;
  return pooled === 0 ? [] : [`${plural(pooled, 'idle connection')} closed without notice`];
}

/** `POST and PUT`: the methods other than GET that failed after the baseline. */
export function methodsText(m: Measure): string {
  const failing = new Set(cellsAfterBaseline(m, 'other').flatMap(({ flow, failed }) => (failed > 0 ? flow : [])));
  const flows = m.run.header.traffic.flows.filter(({ name }) => failing.has(name));
  const methods = [...new Set(flows.map(({ method }) => method.toUpperCase()))].sort();
  return methods.length < 2 ? (methods[0] ?? '') : `${methods.slice(0, -1).join(', ')} and ${methods.at(-1)}`;
}

export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
