import { build, type Histogram } from 'hdr-histogram-js';

/** Longest latency that is told apart, microseconds: ten minutes. Longer ones count as this. */
const LONGEST_US = 600_000_000;

/** An empty histogram of latencies in microseconds, three significant digits; a few hundred bytes until used. */
export function createLatencies(): Histogram {
  return build({
    bitBucketSize: 'packed',
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_US,
    numberOfSignificantValueDigits: 3,
  });
}

export function recordMs(latencies: Histogram, ms: number): void {
  latencies.recordValue(Math.min(LONGEST_US, Math.max(0, Math.round(ms * 1000))));
}
