import type { Columns } from '../model/over-time.js';

/** How many columns are drawn as one, so that a drawing of the whole run has at most `most`. */
export function columnsPerDrawn({ columnMs }: Columns, durationMs: number, most: number): number {
  return Math.max(1, Math.ceil(durationMs / columnMs / most));
}

/** Columns as they are drawn, `per` of them as one. */
export function joinedColumns({ fromMs, columnMs }: Columns, per: number): Columns {
  return { fromMs, columnMs: columnMs * per };
}

/** Counts of `per` columns together. */
export function sums(counts: readonly number[], per: number): number[] {
  return groups(counts, per).map((group) => group.reduce((sum, count) => sum + count, 0));
}

/** The highest of `per` columns, so that a single slow second is still there whatever the width. */
export function highest(times: readonly (number | null)[], per: number): (number | null)[] {
  return groups(times, per).map((group) =>
    group.reduce((most, ms) => (most === null ? ms : ms === null ? most : Math.max(most, ms)), null),
  );
}

export function totalOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function groups<T>(values: readonly T[], per: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / per) }, (_, i) => values.slice(i * per, (i + 1) * per));
}
