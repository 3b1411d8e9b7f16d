import { build } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { binomialCdf, failureRateUpper95, quantileLimits } from '../../src/judge/statistics.js';

describe('the upper limit of a failure rate', () => {
  // Published one-sided 95 % Clopper-Pearson limits: qbeta(0.95, x + 1, n - x).
  it.each([
    [0, 60_000, 4.9928e-5],
    [0, 1, 0.95],
    [0, 9_412, 3.1824e-4],
    [1, 10, 0.39416],
    [5, 100, 0.10225],
    [3, 20, 0.34366],
    [10, 1000, 0.01689],
    [31, 60_000, 0.000698],
  ])('is exact for %d of %d', (failures, trials, limit) => {
    expect(Math.abs(failureRateUpper95(failures, trials) / limit - 1)).toBeLessThan(2e-3);
  });

  it('is 1 where nothing was tried, or where all failed', () => {
    expect(failureRateUpper95(0, 0)).toBe(1);
    expect(failureRateUpper95(7, 7)).toBe(1);
  });

  it('leaves exactly 5 % for fewer failures', () => {
    for (const [x, n] of [
      [1, 10],
      [12, 60_000],
      [400, 1000],
      [999, 1000],
    ] as const)
      expect(binomialCdf(x, n, failureRateUpper95(x, n))).toBeCloseTo(0.05, 9);
  });
});

describe('the binomial distribution', () => {
  it('agrees with sums done by hand', () => {
    expect(binomialCdf(0, 3, 0.5)).toBeCloseTo(0.125, 14);
    expect(binomialCdf(1, 3, 0.5)).toBeCloseTo(0.5, 14);
    expect(binomialCdf(2, 3, 0.5)).toBeCloseTo(0.875, 14);
    expect(binomialCdf(3, 3, 0.5)).toBe(1);
    expect(binomialCdf(50, 100, 0.5)).toBeCloseTo(0.539794618693589, 10);
  });
});

describe('the limits of a quantile', () => {
  const latencies = (count: number) => {
    const histogram = build({ bitBucketSize: 'packed', highestTrackableValue: 600_000_000, autoResize: false });
    for (let i = 1; i <= count; i++) histogram.recordValue(i * 1000);
    return histogram;
  };

  it('has an upper limit of the p99 from 299 samples on', () => {
    expect(quantileLimits(latencies(298), 0.99).upper).toBeNull();
    expect(quantileLimits(latencies(299), 0.99).upper).toBeCloseTo(299, 0);
  });

  it('takes the exact ranks', () => {
    // The median of 100: binomial(100, 1/2) gives ranks 42 and 59 for one-sided 95 %.
    const { lower, estimate, upper } = quantileLimits(latencies(100), 0.5);
    expect([lower, estimate, upper].map((ms) => Math.round(ms ?? 0))).toEqual([42, 50, 59]);
  });

  it('has none without samples', () => {
    expect(quantileLimits(latencies(0), 0.99)).toEqual({ samples: 0, estimate: 0, lower: null, upper: null });
  });
});
