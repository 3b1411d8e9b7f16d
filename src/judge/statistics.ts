import type { Histogram } from 'hdr-histogram-js';

const ALPHA = 0.05;

/**
 * One-sided exact (Clopper-Pearson) upper 95 % limit of a rate after `failures` of `trials` independent trials: the p
 * for which so few failures have a probability of 5 %. Clopper & Pearson, Biometrika 26 (1934); without a failure
 * it is 1 - 0.05^(1/n), about 3/n. 1 where there was no trial.
 */
export function failureRateUpper95(failures: number, trials: number): number {
  if (trials <= 0 || failures >= trials) return 1;
  if (failures === 0) return -Math.expm1(Math.log(ALPHA) / trials);
  let low = failures / trials;
  let high = 1;
  for (let step = 0; step < 200 && high - low > Number.EPSILON * high; step++) {
    const middle = (low + high) / 2;
    if (binomialCdf(failures, trials, middle) > ALPHA) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * How many independent trials without a failure bring the upper 95 % limit of the rate down to `rate`: the least n with
 * (1 - rate)^n <= 5 %. It is 299 for 1 %, and as many samples give the 99 % quantile an upper limit.
 */
export function trialsForRate95(rate: number): number {
  if (rate <= 0) return Number.POSITIVE_INFINITY;
  return rate >= 1 ? 1 : Math.max(1, Math.ceil(Math.log(ALPHA) / Math.log1p(-rate) - 1e-9));
}

/** Probability of at most `k` successes in `n` trials of probability `p`: the exact sum, from its largest term down. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n || p <= 0) return 1;
  if (p >= 1) return 0;
  // The smaller tail is summed, so that neither is lost in the other's rounding.
  if (k > n * p) return 1 - binomialCdf(n - k - 1, n, 1 - p);
  const logOdds = Math.log(p) - Math.log1p(-p);
  let log = logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p);
  let sum = 0;
  for (let i = k; i >= 0; i--) {
    const term = Math.exp(log);
    sum += term;
    if (term < sum * 1e-17) break;
    log += Math.log(i) - Math.log(n - i + 1) - logOdds;
  }
  return Math.min(1, sum);
}

/** A quantile of latencies, ms: its estimate and one-sided limits, null where the samples are too few for one. */
export interface QuantileLimits {
  samples: number;
  estimate: number;
  lower: number | null;
  upper: number | null;
}

/**
 * Limits by order statistics, free of any assumption about the distribution: the number of samples at or below the
 * q-quantile is binomial(n, q). The l-th smallest sample lies above it with probability cdf(l - 1), the u-th below it
 * with 1 - cdf(u - 1); l is the largest, u the smallest rank for which that is at most `alpha`, 5 % where it is not given.
 * For q = 0.99 an upper limit of 95 % exists from 299 samples on. David & Nagaraja, Order Statistics (2003), 7.1.
 */
export function quantileLimits(latencies: Histogram, q: number, alpha = ALPHA): QuantileLimits {
  const n = latencies.totalCount;
  if (n === 0) return { samples: 0, estimate: 0, lower: null, upper: null };
  const lowerRank = firstRank(n, (rank) => binomialCdf(rank, n, q) > alpha);
  const upperRank = firstRank(n, (rank) => binomialCdf(rank - 1, n, q) >= 1 - alpha);
  return {
    samples: n,
    estimate: valueAtRank(latencies, Math.max(1, Math.ceil(q * n - 1e-9))),
    lower: lowerRank >= 1 ? valueAtRank(latencies, lowerRank) : null,
    upper: upperRank <= n ? valueAtRank(latencies, upperRank) : null,
  };
}

/** Latency of the `rank`-th smallest sample (from 1), ms; histograms hold microseconds. */
function valueAtRank(latencies: Histogram, rank: number): number {
  // Half a rank less keeps the library's rounding up on the rank itself.
  return latencies.getValueAtPercentile(((rank - 0.5) / latencies.totalCount) * 100) / 1000;
}

/** The first rank from 0 to n + 1 for which `holds` is true, as it is for all after it. */
function firstRank(n: number, holds: (rank: number) => boolean): number {
  let low = 0;
  let high = n + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360];

/** ln Γ(x) for x >= 1: Stirling's series after moving x up to 15 (Abramowitz & Stegun 6.1.41, 6.1.15). */
function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 15) {
    shift += Math.log(at);
    at += 1;
  }
  const series = STIRLING.reduce((sum, c, i) => sum + c / at ** (2 * i + 1), 0);
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - shift;
}
