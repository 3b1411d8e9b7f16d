/** A time at a number of rows. */
export interface Point {
  rows: number;
  ms: number;
}

const LEAST_MS = 5;
const LEAST_RATIO = 3;

/**
 * Whether a time grows with the rows, of which there are many more at the second point than at the first. Times of one
 * run may be disturbed: `again` decides by the shortest of several.
 */
export function grows(few: Point, many: Point): boolean {
  return many.ms - few.ms >= LEAST_MS && many.ms >= few.ms * LEAST_RATIO;
}

/** A number of rows that were worked on, with so many in each table. */
export interface Share {
  rows: number;
  worked: number;
}

/**
 * Whether work grows with the tables: each row more makes at least half as much of it as a row does where there are few.
 * Of a batch with a limit the first size may be all, and the second is not.
 */
export function scales(few: Share, many: Share): boolean {
  return (many.worked - few.worked) / (many.rows - few.rows) >= few.worked / Math.max(few.rows, 1) / 2;
}

/**
 * The time with `rows`, by the straight line through two points on logarithmic scales; it neither falls nor grows faster
 * than the square. Null where the points do not show one.
 */
export function forecast(few: Point, many: Point, rows: number): number | null {
  if (few.rows <= 0 || many.rows <= few.rows || few.ms <= 0 || many.ms <= 0) return null;
  const slope = Math.log(many.ms / few.ms) / Math.log(many.rows / few.rows);
  return many.ms * (rows / many.rows) ** Math.min(Math.max(slope, 0), 2);
}

/** `850 ms`, `4.2 s`, `12 min`, `3.1 h`. */
export function spellMs(ms: number): string {
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 6000) / 10} min`;
  return `${Math.round(ms / 360_000) / 10} h`;
}
