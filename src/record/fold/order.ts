import type { Sample } from '../../model/sample.js';

/**
 * How far back a sample is put into its place, ms: as far as the batches of several threads may lie apart, the time left
 * out in which one of them was not running.
 */
const REORDER_MS = 500;
/** Samples are put in order in slices of this length, ms: each is sorted once, when nothing can come into it any more. */
const SLICE_MS = 50;

export interface Ordering {
  push(sample: Sample): void;
  drain(): void;
  /** Samples that came too late for their place: they contradict the record. */
  disordered(): number;
}

/**
 * Hands samples on in order of their end. At the same instant successes come first and then the order of the
 * schedule decides, so that an outage always has a length and the order of arrival never matters. `asleepMs`: for how long
 * within a span of time a thread was not running; what it had at hand comes after all that the others recorded meanwhile.
 */
export function createOrdering(
  next: (sample: Sample, at: number) => void,
  asleepMs: (from: number, to: number) => number,
): Ordering {
  /** Slices that are still open, the earliest first. */
  let slices: { from: number; samples: Sample[] }[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  let handedOnUntil = Number.NEGATIVE_INFINITY;
  let lastAt = Number.NEGATIVE_INFINITY;
  let disordered = 0;

  const handOn = (sample: Sample) => {
    lastAt = Math.max(lastAt, sample.endedAt);
    next(sample, lastAt);
  };

  /** Hands on the slices into which nothing can come any more. */
  const handOnWhole = () => {
    for (let first = slices[0]; first !== undefined; first = slices[0]) {
      const to = first.from + SLICE_MS;
      if (newest - to < REORDER_MS || newest - to - asleepMs(to, newest) < REORDER_MS) return;
      slices.shift();
      handedOnUntil = to;
      for (const sample of first.samples.sort(inOrder)) handOn(sample);
    }
  };

  /** The samples of the slice that contains an instant. */
  const sliceAt = (at: number): Sample[] => {
    const from = Math.floor(at / SLICE_MS) * SLICE_MS;
    let place = slices.length;
    while (place > 0 && (slices[place - 1] as { from: number }).from > from) place--;
    const known = slices[place - 1];
    if (known?.from === from) return known.samples;
    const made = { from, samples: [] };
    slices.splice(place, 0, made);
    return made.samples;
  };

  return {
    push(sample) {
      const { endedAt } = sample;
      if (endedAt < handedOnUntil) {
        disordered++;
        handOn(sample);
        return;
      }
      sliceAt(endedAt).push(sample);
      if (endedAt <= newest) return;
      newest = endedAt;
      handOnWhole();
    },
    drain() {
      for (const { samples } of slices) for (const sample of samples.sort(inOrder)) handOn(sample);
      slices = [];
    },
    disordered: () => disordered,
  };
}

function inOrder(a: Sample, b: Sample): number {
  if (a.endedAt !== b.endedAt) return a.endedAt - b.endedAt;
  return rank(a) - rank(b) || a.seq - b.seq;
}

function rank(sample: Sample): number {
  return sample.outcome.kind === 'ok' ? 0 : 1;
}
