import type { LatencyInterval, LatencyIntervals } from '../model/latency-intervals.js';
import { round } from './summary.js';

/** `latencyIntervals` of `run.json`. Milliseconds; ratios with three decimals. */
export function latencyIntervalsJson({ quantile, confidence, baseline, rows }: LatencyIntervals) {
  return {
    quantile,
    confidence,
    baseline: interval(baseline),
    rows: rows.map(({ phase, ratio, ...row }) => ({
      phase,
      ...interval(row),
      ratio: {
        estimate: plain(ratio.estimate),
        lower: plain(ratio.lower),
        upper: plain(ratio.upper),
        moved: ratio.moved,
      },
    })),
  };
}

function interval({ samples, estimate, lower, upper }: LatencyInterval) {
  return { samples, estimateMs: plain(estimate), lowerMs: plain(lower), upperMs: plain(upper) };
}

function plain(value: number | null): number | null {
  return value === null ? null : round(value);
}
