import type { Sample } from '../../model/sample.js';

/** How far back a sample may still be put into its place, ms. */
const REORDER_MS = 50;
/** A sample that comes this much later than one that ended after it contradicts the record, ms. */
const DISORDER_MS = 1000;

export interface Ordering {
  push(sample: Sample): void;
  drain(): void;
  /** Samples that came far out of order. */
  disordered(): number;
}

/**
 * Hands samples on in order of their end. At the same instant successes come first and then the order of the
 * schedule decides, so that an outage always has a length and the order of arrival never matters.
 */
export function createOrdering(next: (sample: Sample, at: number) => void): Ordering {
  let queue: Sample[] = [];
  let head = 0;
  let newest = Number.NEGATIVE_INFINITY;
  let lastAt = Number.NEGATIVE_INFINITY;
  let disordered = 0;

  const emitUntil = (limit: number) => {
    while (head < queue.length) {
      const sample = queue[head] as Sample;
      if (sample.endedAt >= limit) break;
      head++;
      lastAt = Math.max(lastAt, sample.endedAt);
      next(sample, lastAt);
    }
    if (head > 1024 && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
  };

  return {
    push(sample) {
      if (sample.endedAt < newest - DISORDER_MS) disordered++;
      newest = Math.max(newest, sample.endedAt);
      let at = queue.length;
      while (at > head && comesBefore(sample, queue[at - 1] as Sample)) at--;
      if (at === queue.length) queue.push(sample);
      else queue.splice(at, 0, sample);
      emitUntil(newest - REORDER_MS);
    },
    drain: () => emitUntil(Number.POSITIVE_INFINITY),
    disordered: () => disordered,
  };
}

function comesBefore(a: Sample, b: Sample): boolean {
  if (a.endedAt !== b.endedAt) return a.endedAt < b.endedAt;
  const rank = (s: Sample) => (s.outcome.kind === 'ok' ? 0 : 1);
  return rank(a) === rank(b) ? a.seq < b.seq : rank(a) < rank(b);
}
