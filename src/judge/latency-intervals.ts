import type { LatencyInterval, LatencyIntervals, RatioInterval } from '../model/latency-intervals.js';
import type { Measure } from './measure.js';
import type { Scope } from './scope.js';
import { type QuantileLimits, quantileLimits } from './statistics.js';

const QUANTILE = 0.99;
const ALPHA = 0.05;
/** An interval has two limits, and each may fail with half of 5 %. */
const SIDES = 2;
/** A ratio rests on two limits at each end. */
const LIMITS_OF_RATIO = 4;

/**
 * The p99 with 95 % intervals by order statistics, which assume nothing of the distribution, and its ratio against the
 * baseline. The ratio lies between step.lower / base.upper and step.upper / base.lower as long as none of these four
 * limits fails; each may with 1.25 %, so that by Bonferroni's inequality the interval fails with 5 % at most: it is wider
 * than it has to be, never narrower. Requests are taken as independent; where slow ones come in a row, intervals are too
 * narrow. Each row stands alone: nothing is corrected for their number.
 */
export function latencyIntervalsOf(m: Measure): LatencyIntervals {
  const base = limits(m, m.baseline, LIMITS_OF_RATIO);
  return {
    quantile: QUANTILE,
    confidence: 1 - ALPHA,
    baseline: intervalOf(limits(m, m.baseline, SIDES)),
    rows: [m.whole, ...m.steps].map((scope) => ({
      phase: scope.label,
      ...intervalOf(limits(m, scope, SIDES)),
      ratio: ratioOf(limits(m, scope, LIMITS_OF_RATIO), base),
    })),
  };
}

function limits(m: Measure, scope: Scope, among: number): QuantileLimits {
  return quantileLimits(m.latencies('sinceDue', scope), QUANTILE, ALPHA / among);
}

function intervalOf({ samples, estimate, lower, upper }: QuantileLimits): LatencyInterval {
  return { samples, estimate: samples === 0 ? null : estimate, lower, upper };
}

function ratioOf(now: QuantileLimits, base: QuantileLimits): RatioInterval {
  const lower = over(now.lower, base.upper);
  const upper = over(now.upper, base.lower);
  const estimate = over(now.samples === 0 ? null : now.estimate, base.samples === 0 ? null : base.estimate);
  const moved = lower !== null && lower > 1 ? 'slower' : upper !== null && upper < 1 ? 'faster' : null;
  return { estimate, lower, upper, moved };
}

function over(a: number | null, b: number | null): number | null {
  return a === null || b === null || b <= 0 ? null : a / b;
}
