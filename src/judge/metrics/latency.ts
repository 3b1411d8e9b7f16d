import type { Histogram } from 'hdr-histogram-js';
import type { Threshold } from '../../model/threshold.js';
import { quantileLimits } from '../statistics.js';
import { evaluateTimesBaseline } from './latency-baseline.js';
import { compared, type Evaluate, holds, quantileOf, silent } from './metric.js';

/** Latencies from the due time to the last byte, ms; a failed request counts as its timeout. */
export const evaluateLatency: Evaluate = (threshold, m, scope) => {
  const latencies = m.latencies('sinceDue', scope, threshold.selector);
  if (latencies.totalCount === 0) return silent('there were no requests');
  if (threshold.timesBaseline) return evaluateTimesBaseline(threshold, m, scope);
  const q = quantileOf(threshold);
  return q === null ? plain(threshold, latencies) : quantile(threshold, latencies, q);
};

/** How many samples a quantile needs, so that at least one is expected beyond it: p99 needs 100. */
function samplesNeeded(q: number): number {
  const beyond = Math.min(q, 1 - q);
  return beyond <= 0 ? 1 : Math.ceil(1 / beyond - 1e-9);
}

function quantile(threshold: Threshold, latencies: Histogram, q: number) {
  const { samples, estimate, lower } = quantileLimits(latencies, q);
  const needed = samplesNeeded(q);
  const reading = compared(threshold, estimate, () => null);
  if (samples >= needed) return reading;
  // Too few for the estimate; where even the lower limit is beyond an upper limit, more samples would not help it.
  const surely = reading.ok === false && lower !== null && !holds(lower, threshold, threshold.value);
  const note = `${samples} samples, and the quantile needs ${needed}`;
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
