import type { Span } from '../../model/run.js';

/** Pauses listed at most: the longest. */
const KEPT = 2000;

/** Times in which a thread was not running. */
export interface PauseLog {
  add(pause: Span): void;
  /** The longest of them, in the order of time and apart: those that overlap are one. */
  list(): Span[];
  /** How much of a span of time they cover, as far as they are listed, ms. */
  overlapMs(from: number, to: number): number;
  /** How long those took that are not listed, from the end of the warm-up on, ms. */
  unlistedMs(): number;
}

/** What ended before `judgedFrom()` (null: nothing is judged yet) is not among the unlisted. */
export function createPauseLog(judgedFrom: () => number | null): PauseLog {
  const pauses: Span[] = [];
  let unlistedMs = 0;

  return {
    add(pause) {
      const known = pauses.findIndex(({ to }) => to >= pause.from);
      const first = known === -1 ? pauses.length : known;
      let end = first;
      let { from, to } = pause;
      for (let other = pauses[end]; other !== undefined && other.from <= pause.to; other = pauses[++end]) {
        from = Math.min(from, other.from);
        to = Math.max(to, other.to);
      }
      pauses.splice(first, end - first, { from, to });
      if (pauses.length <= KEPT) return;
      for (const gone of pauses.splice(shortestOf(pauses), 1)) {
        const since = judgedFrom() ?? Number.POSITIVE_INFINITY;
        unlistedMs += Math.max(0, gone.to - Math.max(gone.from, since));
      }
    },
    list: () => pauses.map((pause) => ({ ...pause })),
    overlapMs: (from, to) => overlapMs(pauses, from, to),
    unlistedMs: () => unlistedMs,
  };
}

function shortestOf(pauses: readonly Span[]): number {
  const lengths = pauses.map(({ from, to }) => to - from);
  return lengths.indexOf(Math.min(...lengths));
}

/** Pauses are in the order of time and do not overlap: begin with the first that ends inside. */
function overlapMs(pauses: readonly Span[], from: number, to: number): number {
  let low = 0;
  let high = pauses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pauses[middle] as Span).to <= from) low = middle + 1;
    else high = middle;
  }
  let total = 0;
  for (let index = low; index < pauses.length; index += 1) {
    const pause = pauses[index] as Span;
    if (pause.from >= to) break;
    total += Math.min(pause.to, to) - Math.max(pause.from, from);
  }
  return total;
}
