import type { Threshold } from '../../model/threshold.js';
import type { Measure } from '../measure.js';
import type { Scope } from '../scope.js';

/** What a metric says of a threshold in a scope. */
export interface Reading {
  actual: number | null;
  limit: number | null;
  ok: boolean | null;
  note: string;
  /** Nothing can be said because of the harness: the run is inconclusive, a default's threshold too. */
  harness?: boolean;
}

/** Null where the threshold does not apply and is left out. */
export type Evaluate = (threshold: Threshold, m: Measure, scope: Scope) => Reading | null;

export function holds(actual: number, { comparison }: Threshold, limit: number): boolean {
  switch (comparison) {
    case '<':
      return actual < limit;
    case '<=':
      return actual <= limit;
    case '>':
      return actual > limit;
    case '>=':
      return actual >= limit;
    case '==':
      return actual === limit;
    case '!=':
      return actual !== limit;
  }
}

export function silent(note: string, actual: number | null = null, limit: number | null = null): Reading {
  return { actual, limit, ok: null, note };
}

/** `actual` against the limit, which is a factor of the baseline's where the threshold says so. */
export function compared(threshold: Threshold, actual: number, baseline: () => number | null, note = ''): Reading {
  const reference = threshold.timesBaseline ? baseline() : 1;
  if (reference === null) return silent('the baseline has no such value to compare with', actual);
  const limit = threshold.value * reference;
  // Twice nothing is nothing: what stays at 0 keeps it.
  const stays = threshold.timesBaseline && threshold.comparison === '<' && limit === 0 && actual === 0;
  return { actual, limit, ok: stays || holds(actual, threshold, limit), note };
}

/** An aggregate of a few values, such as the lengths of outages; null for one that makes no sense here. */
export function aggregateOf(values: readonly number[], { aggregate }: Threshold): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
  if (typeof aggregate === 'object') return at(aggregate.p / 100);
  if (aggregate === 'count') return sorted.length;
  if (aggregate === 'max') return at(1);
  if (aggregate === 'min') return at(0);
  if (aggregate === 'med') return at(0.5);
  if (aggregate === 'avg') return sorted.length === 0 ? 0 : sorted.reduce((a, b) => a + b, 0) / sorted.length;
  return null;
}

/** The aggregate as a quantile; null for one that is none. */
export function quantileOf({ aggregate }: Threshold): number | null {
  if (typeof aggregate === 'object') return aggregate.p / 100;
  return aggregate === 'med' ? 0.5 : null;
}
