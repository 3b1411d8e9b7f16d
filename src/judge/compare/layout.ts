import type { Series } from './series.js';

/** Blocks that the shortest of the series is cut into at most. Schmeiser (below) finds that more than 30 gain little. */
const MOST_BLOCKS = 30;
/** Blocks of each series that a statement needs. */
export const LEAST_BLOCKS = 8;
/** A block is at least so long, ms: a pause of a collector or of the machine ends within one. */
const LEAST_BLOCK_MS = 500;
const LEAST_PER_BLOCK = 20;
/** Cells of a block: a moving block begins at any of them. */
export const CELLS_PER_BLOCK = 4;

/** The requests of several series by size, each with its place in time. Series are numbered in the order given. */
export interface Layout {
  /** Ascending, microseconds. */
  micros: Uint32Array;
  /** By the same order: number of the cell. Cell c belongs to block floor(c / CELLS_PER_BLOCK). */
  cell: Uint32Array;
  /** First cell of each series, and the number of cells in all. */
  firstCell: number[];
  /** Requests in each cell. */
  perCell: Uint32Array;
  /** Length of a block, ms; that of each series is fitted to its length. */
  blockMs: number;
}

/** How long the shortest series has to be to be cut, at the rate of the sparsest, ms. */
export function leastMs(series: readonly Series[]): number {
  return LEAST_BLOCKS * leastBlockMs(series);
}

function leastBlockMs(series: readonly Series[]): number {
  const sparsest = Math.min(...series.map(({ micros, durationMs }) => micros.length / durationMs));
  return Math.max(LEAST_BLOCK_MS, LEAST_PER_BLOCK / sparsest);
}

/**
 * Cuts the series into blocks of about the same length in time, and puts all requests in order. Requests of one
 * instant have much in common (a queue, a collection, a busy core), so that thousands of them say much less than so many
 * independent ones would; long blocks are almost independent, and are what is drawn and exchanged. Null where the shortest
 * series has no 8 blocks of 500 ms and 20 requests. Schmeiser: Batch size effects in the analysis of simulation output,
 * Operations Research 30 (1982).
 */
export function layoutOf(series: readonly Series[]): Layout | null {
  const shortest = Math.min(...series.map(({ durationMs }) => durationMs));
  const blockMs = Math.max(shortest / MOST_BLOCKS, leastBlockMs(series));
  if (!(shortest / blockMs >= LEAST_BLOCKS)) return null;
  const firstCell: number[] = [0];
  for (const { durationMs } of series) {
    firstCell.push((firstCell.at(-1) as number) + CELLS_PER_BLOCK * Math.floor(durationMs / blockMs + 1e-9));
  }
  const total = series.reduce((sum, { micros }) => sum + micros.length, 0);
  const perCell = new Uint32Array(firstCell.at(-1) as number);
  // Latency and cell in one number sort much faster than by a comparison: 30 and 22 bits.
  const codes = new Float64Array(total);
  let next = 0;
  series.forEach(({ micros, at, durationMs }, index) => {
    const first = firstCell[index] as number;
    const cells = (firstCell[index + 1] as number) - first;
    for (let i = 0; i < micros.length; i++) {
      const cell = first + Math.min(cells - 1, Math.floor(((at[i] as number) / durationMs) * cells));
      perCell[cell] = (perCell[cell] as number) + 1;
      codes[next++] = (micros[i] as number) * CELLS + cell;
    }
  });
  codes.sort();
  const micros = new Uint32Array(total);
  const cell = new Uint32Array(total);
  for (let i = 0; i < total; i++) {
    const code = codes[i] as number;
    micros[i] = Math.floor(code / CELLS);
    cell[i] = code % CELLS;
  }
  return { micros, cell, firstCell, perCell, blockMs };
}

const CELLS = 2 ** 22;

/** The q-quantile of each series by nearest rank, ms. */
export function quantilesOf(layout: Layout, q: number): number[] {
  const { micros, cell, firstCell } = layout;
  const counts = firstCell.slice(0, -1).map((first, index) => {
    let count = 0;
    for (let c = first; c < (firstCell[index + 1] as number); c++) count += layout.perCell[c] as number;
    return count;
  });
  const ranks = counts.map((count) => Math.max(1, Math.ceil(q * count - 1e-9)));
  const owner = ownersOf(layout);
  const seen = counts.map(() => 0);
  const found = counts.map(() => Number.NaN);
  for (let i = 0; i < micros.length; i++) {
    const index = owner[cell[i] as number] as number;
    const rank = (seen[index] as number) + 1;
    seen[index] = rank;
    if (rank === ranks[index]) found[index] = (micros[i] as number) / 1000;
  }
  return found;
}

/** The series that each cell belongs to. */
function ownersOf({ firstCell, perCell }: Layout): Uint16Array {
  const owner = new Uint16Array(perCell.length);
  firstCell.slice(0, -1).forEach((first, index) => {
    owner.fill(index, first, firstCell[index + 1] as number);
  });
  return owner;
}
