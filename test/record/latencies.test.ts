import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { createLatencies, recordMs } from '../../src/record/fold/latencies.js';

const PERCENTILES = [0, 1, 50, 90, 99, 99.9, 100];

describe('latencies', () => {
  const micros = fc.oneof(fc.nat(5000), fc.nat(5_000_000), fc.nat(2 ** 31 - 1));

  it('are counted as the plain counters of the library count them, alone and added up', () => {
    fc.assert(
      fc.property(fc.array(micros, { minLength: 1, maxLength: 500 }), (values) => {
        const [own, plain, sum] = [createLatencies(), plainCounters(), plainCounters()];
        for (const value of values) {
          recordMs(own, value / 1000);
          plain.recordValue(Math.min(600_000_000, value));
        }
        sum.add(own);
        for (const percentile of PERCENTILES) {
          expect(own.getValueAtPercentile(percentile)).toBe(plain.getValueAtPercentile(percentile));
          expect(sum.getValueAtPercentile(percentile)).toBe(plain.getValueAtPercentile(percentile));
        }
        expect([own.totalCount, own.maxValue, own.minNonZeroValue]).toEqual([
          plain.totalCount,
          plain.maxValue,
          plain.minNonZeroValue,
        ]);
        expect(own.mean).toBe(plain.mean);
      }),
      { numRuns: 100 },
    );
  });

  it('take little memory until there are some', () => {
    const empty = createLatencies();
    expect(empty.estimatedFootprintInBytes).toBeLessThan(300);
    for (let ms = 0.5; ms < 5; ms += 0.01) recordMs(empty, ms);
    expect(empty.estimatedFootprintInBytes).toBeLessThan(20_000);
  });
});

function plainCounters() {
  return build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 3,
  });
}
