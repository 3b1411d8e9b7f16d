import type { Columns } from '../../model/over-time.js';
import { createColumnAxis } from './columns.js';

const COLUMNS = 400;
const COLUMN_MS = 100;

export interface CountGrid {
  add(ms: number, row: number): void;
  /** What `pick` makes of each column's rows, up to the last column that was used. */
  read<T>(pick: (rows: Uint32Array) => T): T[];
  columns(): Columns;
}

/** Counts by column and row: as much memory for ten million requests as for ten. */
export function createCountGrid(rows: number): CountGrid {
  const counts = new Uint32Array(COLUMNS * rows);
  let used = 0;

  const joinPairs = (): void => {
    for (let column = 0; column < COLUMNS / 2; column++) {
      for (let row = 0; row < rows; row++) {
        const first = counts[2 * column * rows + row] as number;
        counts[column * rows + row] = first + (counts[(2 * column + 1) * rows + row] as number);
      }
    }
    counts.fill(0, (COLUMNS / 2) * rows);
    used = Math.ceil(used / 2);
  };

  const axis = createColumnAxis(COLUMNS, COLUMN_MS, joinPairs);
  return {
    add(ms, row) {
      const column = axis.at(ms);
      const place = column * rows + row;
      counts[place] = (counts[place] as number) + 1;
      if (column >= used) used = column + 1;
    },
    read: (pick) =>
      Array.from({ length: used }, (_, column) => pick(counts.subarray(column * rows, (column + 1) * rows))),
    columns: axis.columns,
  };
}
