import type { Histogram } from 'hdr-histogram-js';
import type { Run } from '../../model/run.js';
import type { Threshold } from '../../model/threshold.js';
import { formatMs, formatShare } from '../../model/units.js';
import { durationMs } from '../bounds.js';
import type { Measure } from '../measure.js';
import type { Scope } from '../scope.js';
import { quantileLimits } from '../statistics.js';
import { evaluateTimesBaseline } from './latency-baseline.js';
import { compared, type Evaluate, holds, quantileOf, type Reading, silent } from './metric.js';
import { moreSamples } from './support.js';

/**
 * Latencies from the due time to the last byte, ms; a failed request counts as its timeout. An upper limit is crossed
 * only where it is crossed without the harness' own part as well: what came late because the harness sent it late, or
 * slept while the answer lay there, proves nothing.
 */
export const evaluateLatency: Evaluate = (threshold, m, scope) => {
  const latencies = m.latencies('sinceDue', scope, threshold.selector);
  if (latencies.totalCount === 0) return silent('there were no requests');
  const reading = threshold.timesBaseline
    ? evaluateTimesBaseline(threshold, m, scope)
    : evaluate(threshold, latencies, durationMs(m, scope));
  if (reading.ok !== false || !threshold.comparison.startsWith('<')) return reading;
  const crossed = { ...reading, note: reading.note || failureNote(reading, m, scope, threshold) };
  const doubt = (note: string) => ({ ...reading, ok: null, harness: true, note });
  const share = asleepShare(m.run, scope);
  if (share > STARVED_SHARE) {
    return doubt(`the harness did not run for ${formatShare(share)} of the time: a starved machine is slow everywhere`);
  }
  if (threshold.timesBaseline) return crossed;
  const ownPart = evaluate(threshold, m.latencies('sinceSent', scope, threshold.selector), durationMs(m, scope));
  return ownPart.ok === false ? crossed : doubt('the harness was late: the answers themselves were not that slow');
};

/** Histograms keep three digits. */
const SAME_TIME = 0.999;

/** Where the latency that crosses is that of failed requests, said in words. */
function failureNote({ actual }: Reading, m: Measure, scope: Scope, { selector }: Threshold): string {
  const { timeoutMs } = m.run.header.target;
  const isOfFailures = actual !== null && actual >= SAME_TIME * timeoutMs && m.tally(scope, selector).failed > 0;
  return isOfFailures ? `a failed request counts as its time-out of ${formatMs(timeoutMs)}` : '';
}

/** Where the harness was kept from running for more than this share of the time, it cannot say whose the latency is. */
const STARVED_SHARE = 0.02;

function asleepShare({ generator, phases }: Run, scope: Scope): number {
  let asleepMs = 0;
  let totalMs = 0;
  for (const { startAt, endAt } of scope.phases.flatMap((index) => phases[index] ?? [])) {
    totalMs += endAt - startAt;
    for (const { from, to } of generator.pauses) asleepMs += Math.max(0, Math.min(to, endAt) - Math.max(from, startAt));
  }
  return totalMs === 0 ? 0 : asleepMs / totalMs;
}

function evaluate(threshold: Threshold, latencies: Histogram, forMs: number) {
  const q = quantileOf(threshold);
  return q === null ? plain(threshold, latencies) : quantile(threshold, latencies, q, forMs);
}

/** How many samples a quantile needs, so that at least one is expected beyond it: p99 needs 100. */
function samplesNeeded(q: number): number {
  const beyond = Math.min(q, 1 - q);
  return beyond <= 0 ? 1 : Math.ceil(1 / beyond - 1e-9);
}

function quantile(threshold: Threshold, latencies: Histogram, q: number, forMs: number) {
  const { samples, estimate, lower } = quantileLimits(latencies, q);
  const needed = samplesNeeded(q);
  const reading = compared(threshold, estimate, () => null);
  if (samples >= needed) return reading;
  // Too few for the estimate; where even the lower limit is beyond an upper limit, more samples would not help it.
  const surely = reading.ok === false && lower !== null && !holds(lower, threshold, threshold.value);
  const note = `${samples} samples, and the quantile needs ${needed}; ${moreSamples(needed, samples, forMs)}`;
  return { ...reading, ok: surely ? false : null, note };
}

function plain(threshold: Threshold, latencies: Histogram) {
  const { aggregate } = threshold;
  const us =
    aggregate === 'max'
      ? latencies.maxValue
      : aggregate === 'min'
        ? latencies.getValueAtPercentile(0)
        : aggregate === 'avg'
          ? latencies.mean
          : null;
  return us === null ? silent('a latency has no rate and no count') : compared(threshold, us / 1000, () => null);
}
