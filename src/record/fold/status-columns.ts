import type { StatusColumns } from '../../model/over-time.js';
import type { Attributed } from './attribution.js';
import { createCountGrid } from './count-grid.js';

/** Statuses that are told apart. */
const STATUSES = 12;
const OTHERS = STATUSES;
const NONE = STATUSES + 1;

export interface StatusColumnLog {
  sample(a: Attributed): void;
  columns(): StatusColumns;
}

/** Which status came when. */
export function createStatusColumnLog(): StatusColumnLog {
  const grid = createCountGrid(STATUSES + 2);
  const known: number[] = [];

  const rowOf = (status: number): number => {
    const row = known.indexOf(status);
    if (row !== -1) return row;
    return known.length < STATUSES ? known.push(status) - 1 : OTHERS;
  };

  return {
    sample({ sample: { outcome }, at }) {
      const status = 'status' in outcome ? outcome.status : null;
      grid.add(at, status === null ? NONE : rowOf(status));
    },
    columns: () => {
      const row = (index: number) => grid.read((rows) => rows[index] as number);
      return {
        ...grid.columns(),
        statuses: known.map((status, index) => ({ status, counts: row(index) })),
        others: row(OTHERS),
        none: row(NONE),
      };
    },
  };
}
