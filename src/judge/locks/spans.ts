import type { TimeSpan } from '../../model/locks.js';

/** The same time as spans that neither overlap nor touch, in their order. */
export function union(spans: readonly TimeSpan[]): TimeSpan[] {
  const joined: TimeSpan[] = [];
  for (const { from, to } of spans.filter((span) => span.to > span.from).toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** What of `spans` lies within others; both are unions. */
export function within(spans: readonly TimeSpan[], others: readonly TimeSpan[]): TimeSpan[] {
  return spans.flatMap(({ from, to }) =>
    others
      .filter((other) => other.from < to && other.to > from)
      .map((other) => ({ from: Math.max(from, other.from), to: Math.min(to, other.to) })),
  );
}

/** What of `spans` lies outside of others; both are unions. */
export function without(spans: readonly TimeSpan[], others: readonly TimeSpan[]): TimeSpan[] {
  return spans.flatMap(({ from, to }) => {
    const left: TimeSpan[] = [];
    let at = from;
    for (const other of others.filter((each) => each.from < to && each.to > from)) {
      if (other.from > at) left.push({ from: at, to: other.from });
      at = Math.max(at, other.to);
    }
    return at < to ? [...left, { from: at, to }] : left;
  });
}

export function lengthOf(spans: readonly TimeSpan[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
