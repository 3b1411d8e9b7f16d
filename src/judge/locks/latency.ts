import type { LockLatency, TimeSpan } from '../../model/locks.js';
import { randomFor } from '../../model/random.js';
import type { DueLatencies, Phase } from '../../model/run.js';
import type { Measure } from '../measure.js';
import { shiftTestP } from './shift-test.js';
import { lengthOf, within } from './spans.js';

/** A request is slow from twice the baseline's p99 on, and from so much over it, ms. */
const SLOW_TIMES = 2;
const SLOW_OVER_MS = 20;
/** Part of its time that a slow request spent in the windows, if they are what it waited for. */
const HALF = 0.5;
/** Part of the slow requests of which that is so, if the lock is what made them slow. */
const MOST = 0.5;
const ALPHA = 0.01;

/**
 * Holds the latency of requests against the times in which sessions waited for a lock. Those times are called the reason
 * only where most slow requests spent half of their time in them, and where windows at another time would hardly ever
 * have met latencies as high: a busy server makes requests slow before and after a lock too.
 */
export function latencyIn(m: Measure, phase: number, windows: readonly TimeSpan[]): LockLatency {
  const limitMs = slowFrom(m);
  const { dueLatencies } = m.run;
  const place = m.run.phases[phase];
  if (dueLatencies === null || limitMs === null || place === undefined)
    return { limitMs: 0, slow: 0, within: 0, p: null, verdict: 'unknown' };
  const slow = dueLatencies.slowest.filter(
    ({ phase: own, dueAt, endedAt }) =>
      endedAt - dueAt > limitMs && (own === phase || (dueAt >= place.startAt && dueAt < place.endAt)),
  );
  const caught = slow.filter(
    ({ dueAt: from, endedAt: to }) => lengthOf(within([{ from, to }], windows)) >= HALF * (to - from),
  ).length;
  const p = pOf(m, dueLatencies, place, windows, `${m.run.header.runId} locks ${phase}`);
  return { limitMs, slow: slow.length, within: caught, p, verdict: verdictOf(slow.length, caught, p) };
}

function verdictOf(slow: number, caught: number, p: number | null): LockLatency['verdict'] {
  if (slow === 0) return 'none';
  if (p === null) return 'unknown';
  return caught >= MOST * slow && p <= ALPHA ? 'lock' : 'other';
}

function slowFrom(m: Measure): number | null {
  const latencies = m.latencies('sinceDue', m.baseline);
  if (latencies.totalCount === 0) return null;
  const p99 = latencies.getValueAtPercentile(99) / 1000;
  return Math.max(SLOW_TIMES * p99, p99 + SLOW_OVER_MS);
}

/** The windows moved over the baseline and the phase; what other phases do to latencies is not held against them. */
function pOf(
  { run, baseline }: Measure,
  { binMs, counts, logSums }: DueLatencies,
  place: Phase,
  windows: readonly TimeSpan[],
  seed: string,
): number | null {
  const spans: TimeSpan[] = [...baseline.phases.flatMap((index) => run.phases[index] ?? []), place].map(
    ({ startAt, endAt }) => ({ from: startAt, to: endAt }),
  );
  const bins = counts.flatMap((_, bin) => (isIn(spans, (bin + 0.5) * binMs) ? bin : []));
  const requests = bins.reduce((sum, bin) => sum + (counts[bin] as number), 0);
  if (requests === 0) return null;
  const mean = bins.reduce((sum, bin) => sum + (logSums[bin] as number), 0) / requests;
  const excess = bins.map((bin) => (logSums[bin] as number) - mean * (counts[bin] as number));
  const inside = bins.map((bin) => touches(windows, bin * binMs, (bin + 1) * binMs));
  return shiftTestP(excess, inside, randomFor(seed));
}

function isIn(spans: readonly TimeSpan[], at: number): boolean {
  return spans.some(({ from, to }) => at >= from && at < to);
}

/** The middle of a bin is in a window, or a window as a whole is in the bin. */
function touches(windows: readonly TimeSpan[], from: number, to: number): boolean {
  return windows.some(
    (window) =>
      (window.from <= (from + to) / 2 && window.to > (from + to) / 2) || (window.from >= from && window.to <= to),
  );
}
