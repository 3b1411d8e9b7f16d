import { formatCount, formatMs } from '../model/units.js';
import type { WatchedIds, WatchRun } from '../model/watch.js';
import type { Measure } from './measure.js';
import { blindWithin } from './watch.js';

/** A watched log of which the scenario asks which requests it names. */
export type NamingLog = WatchRun & { ids: WatchedIds };

/** Numbers of arrivals that any of the logs names: runs as `first, last, first, last`, ascending and apart. */
export function namedBy(logs: readonly NamingLog[]): number[] {
  const pairs = logs.flatMap(({ ids: { runs } }) =>
    Array.from({ length: runs.length / 2 }, (_, index) => [runs[2 * index] as number, runs[2 * index + 1] as number]),
  );
  const union: number[] = [];
  for (const [first = 0, last = 0] of pairs.sort((a, b) => (a[0] as number) - (b[0] as number))) {
    const end = union.at(-1);
    if (end === undefined || first > end + 1) union.push(first, last);
    else union[union.length - 1] = Math.max(end, last);
  }
  return union;
}

export function isNamed(runs: readonly number[], seq: number): boolean {
  let low = 0;
  let high = runs.length / 2;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((runs[2 * middle + 1] as number) < seq) low = middle + 1;
    else high = middle;
  }
  return (runs[2 * low] ?? Number.POSITIVE_INFINITY) <= seq;
}

export function countOf(runs: readonly number[]): number {
  let count = 0;
  for (let index = 0; index + 1 < runs.length; index += 2)
    count += (runs[index + 1] as number) - (runs[index] as number) + 1;
  return count;
}

/**
 * Why a request that the logs do not name may have come all the same. They have to have been seen from the baseline to
 * the end, without a cut, and to name as many requests as were answered: an answered request has arrived, so that one
 * that is not named is a hole in the log (it is sampled, buffered, or another proxy's), and a failed one may lie in it.
 */
export function coverageDoubts(m: Measure, logs: readonly NamingLog[], runs: readonly number[]): string[] {
  const { run, baseline, whole } = m;
  const from = run.phases[baseline.phases[0] ?? whole.phases[0] ?? 0]?.startAt ?? 0;
  const doubts = logs.flatMap((log) => [
    ...blindWithin(log, from, run.durationMs)
      .slice(0, 1)
      .map(({ detail }) => `${log.name} was not seen all the time: ${detail}`),
    ...log.ids.gaps.slice(0, 1).map(({ at, detail }) => `at ${formatMs(at)}: ${detail}`),
  ]);
  if (run.cut) doubts.push('the run was cut, and its last second with it');
  return [...doubts, ...countDoubts(m, runs)];
}

function countDoubts(m: Measure, runs: readonly number[]): string[] {
  const { run } = m;
  const named = countOf(runs);
  if (named === 0) return ['the log names no request of the traffic: it needs the id `zdd-${seq}` in every line'];
  const { answered, uncertain } = expected(m);
  const lostNamed = run.failures.filter(({ seq, outcome }) => !hasStatus(outcome) && isNamed(runs, seq)).length;
  const ofAnswered = named - lostNamed;
  const missing = answered - Math.max(0, ofAnswered - uncertain) - notYetWatched(m, runs);
  if (missing > 0) {
    const share = `${formatCount(Math.min(missing, answered))} of ${formatCount(answered)} answered requests`;
    return [`the log does not name ${share}, so it may lack others as well`];
  }
  if (ofAnswered > answered + uncertain)
    return [
      `the log names ${formatCount(ofAnswered - answered - uncertain)} requests more than were answered: some are another run's`,
    ];
  return [];
}

/** Requests with a status line, warm-up included; `uncertain`: others of which it is not kept which they were. */
export function expected({ run }: Measure): { answered: number; uncertain: number } {
  const { warmup, cells, failures } = run;
  const sum = (value: (cell: (typeof cells)[number]) => number) =>
    cells.reduce((total, cell) => total + value(cell), 0);
  const withStatus = sum(({ byStatus }) => Object.values(byStatus).reduce((total, count) => total + count, 0));
  const unlisted = sum(({ failed }) => failed) - failures.length;
  const lostQuietly = sum(({ retryable }) => retryable);
  return {
    answered: withStatus + Math.max(0, warmup.requests - warmup.failed),
    uncertain: lostQuietly + warmup.failed + Math.max(0, unlisted),
  };
}

/** Answered requests at the very beginning, which came before the log was first looked at: part of the warm-up. */
function notYetWatched({ run: { warmup } }: Measure, runs: readonly number[]): number {
  const before = runs[0] ?? 0;
  return before <= warmup.requests + warmup.unsent ? Math.max(0, before - warmup.failed - warmup.unsent) : 0;
}

function hasStatus(outcome: { kind: string; status?: number | null }): boolean {
  return typeof outcome.status === 'number';
}
