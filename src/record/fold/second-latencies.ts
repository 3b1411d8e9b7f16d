/** Classes an octave as a power of two: the middle of a class is within 0.8 % of all that is in it. */
const CLASS_BITS = 6;
const CLASSES = 1 << CLASS_BITS;
/** Longest latency that is told apart, microseconds. */
const LONGEST_US = 600_000_000;

export interface SecondLatencies {
  record(us: number): void;
  /** Ms; null where nothing was recorded. */
  quantiles(): { p50: number; p99: number; max: number } | null;
  clear(): void;
}

/** Latencies of a short stretch of the run, counted in classes: one is recorded in a few instructions, then all are forgotten. */
export function createSecondLatencies(): SecondLatencies {
  const counts = new Uint32Array(placeOf(LONGEST_US) + 1);
  let lowest = counts.length;
  let highest = -1;
  let total = 0;
  let max = 0;

  /** By the nearest rank, ms. */
  const quantile = (share: number): number => {
    let left = Math.ceil(share * total);
    for (let place = lowest; place <= highest; place++) {
      left -= counts[place] as number;
      if (left <= 0) return Math.min(max, middleOf(place)) / 1000;
    }
    return max / 1000;
  };

  return {
    record(us) {
      const place = placeOf(Math.min(LONGEST_US, Math.max(0, us)));
      counts[place] = (counts[place] as number) + 1;
      if (place < lowest) lowest = place;
      if (place > highest) highest = place;
      if (us > max) max = us;
      total++;
    },
    quantiles: () => (total === 0 ? null : { p50: quantile(0.5), p99: quantile(0.99), max: max / 1000 }),
    clear() {
      counts.fill(0, lowest, highest + 1);
      lowest = counts.length;
      highest = -1;
      total = 0;
      max = 0;
    },
  };
}

/** Single microseconds up to two octaves' worth of classes, then `CLASSES` places for each octave. */
function placeOf(us: number): number {
  const shift = 31 - CLASS_BITS - Math.clz32(us | CLASSES);
  return (shift << CLASS_BITS) + (us >> shift);
}

/** The middle of a class, microseconds. */
function middleOf(place: number): number {
  if (place < 2 * CLASSES) return place;
  const shift = (place >> CLASS_BITS) - 1;
  return (((place & (CLASSES - 1)) + CLASSES) << shift) + ((1 << shift) - 1) / 2;
}
