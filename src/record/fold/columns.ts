import type { Columns } from '../../model/over-time.js';

export interface ColumnAxis {
  /** Number of the column that an instant lies in; instants never go back. */
  at(ms: number): number;
  columns(): Columns;
}

/**
 * Columns of `columnMs` from the first instant on. Where there would be more than `most` (an even number), two become one:
 * `join` is called, and whatever is kept by column has to follow.
 */
export function createColumnAxis(most: number, columnMs: number, join: () => void): ColumnAxis {
  let length = columnMs;
  let from = Number.NaN;
  return {
    at(ms) {
      if (Number.isNaN(from)) from = Math.floor(ms / columnMs) * columnMs;
      while (ms - from >= length * most) {
        join();
        length *= 2;
      }
      return Math.floor((ms - from) / length);
    },
    columns: () => ({ fromMs: Number.isNaN(from) ? 0 : from, columnMs: length }),
  };
}
