import type { LatencyMap } from '../../model/over-time.js';
import type { Attributed } from './attribution.js';
import { createCountGrid } from './count-grid.js';

/** Preferred numbers (R10 of ISO 3): ten classes a decade, as even on a logarithmic axis as round numbers are. */
const STEPS = [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8];
/** From 0.1 ms to 80 s. */
const DECADES_US = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];
const LIMITS_US = Uint32Array.from([
  0,
  ...DECADES_US.flatMap((decade) => STEPS.map((step) => Math.round(step * decade))),
]);
const CLASSES = LIMITS_US.length;
const FAILED = CLASSES;
const RETRYABLE = CLASSES + 1;

export interface LatencyMapLog {
  /** `us` is the latency, microseconds. */
  sample(a: Attributed, us: number): void;
  map(): LatencyMap;
}

/** How many requests ended when, and after how long. */
export function createLatencyMapLog(): LatencyMapLog {
  const grid = createCountGrid(CLASSES + 2);
  return {
    sample({ at, ok, failed }, us) {
      grid.add(at, ok ? classOf(us) : failed ? FAILED : RETRYABLE);
    },
    map: () => ({
      ...grid.columns(),
      limitsMs: Array.from(LIMITS_US, (us) => us / 1000),
      ok: grid.read((rows) => Array.from(rows.subarray(0, CLASSES))),
      failed: grid.read((rows) => rows[FAILED] as number),
      retryable: grid.read((rows) => rows[RETRYABLE] as number),
    }),
  };
}

/** The last class whose lower limit is not above, by bisection. */
function classOf(us: number): number {
  let low = 0;
  let high = CLASSES;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((LIMITS_US[middle] as number) <= us) low = middle;
    else high = middle;
  }
  return low;
}
