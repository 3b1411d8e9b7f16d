import type { Random } from '../../model/random.js';
import { CELLS_PER_BLOCK, type Layout } from './layout.js';

const DRAWS = 500;

/** The ends of a two-sided 95 % interval. */
export type Interval = [number, number];

/**
 * 95 % intervals of the difference of two quantiles (the last series less all others), ms, by a moving-block bootstrap:
 * each series is put together again of blocks of its own that begin anywhere, and the middle 95 % of the differences are
 * taken (percentile interval). Künsch: The jackknife and the bootstrap for general stationary observations, Annals of
 * Statistics 17 (1989). Blocks begin at a quarter of a block's length, which makes no difference to the result and lets
 * a draw be a set of weights. `quantiles` are given in descending order.
 */
export function differenceIntervals(layout: Layout, quantiles: readonly number[], random: Random): Interval[] {
  const differences = quantiles.map(() => new Float64Array(DRAWS));
  const weights = new Uint32Array(layout.perCell.length);
  const [base, fresh] = sidesOf(layout);
  const found = { base: new Float64Array(quantiles.length), fresh: new Float64Array(quantiles.length) };
  for (let draw = 0; draw < DRAWS; draw++) {
    drawBlocks(layout, random, weights);
    weightedQuantiles(base, quantiles, weights, found.base);
    weightedQuantiles(fresh, quantiles, weights, found.fresh);
    for (let index = 0; index < quantiles.length; index++) {
      (differences[index] as Float64Array)[draw] = (found.fresh[index] as number) - (found.base[index] as number);
    }
  }
  return differences.map((sorted) => {
    sorted.sort();
    const tail = Math.floor(0.025 * DRAWS);
    return [sorted[tail] as number, sorted[DRAWS - 1 - tail] as number];
  });
}

/** Requests of one side, ascending, and the cells that are its own: from `first` up to `end`. */
interface Side {
  micros: Uint32Array;
  cell: Uint32Array;
  perCell: Uint32Array;
  first: number;
  end: number;
}

function sidesOf({ micros, cell, firstCell, perCell }: Layout): [Side, Side] {
  const firstNew = firstCell.at(-2) as number;
  const side = (first: number, end: number): Side => {
    const isOwn = (_: number, place: number) => (cell[place] as number) >= first && (cell[place] as number) < end;
    return { micros: micros.filter(isOwn), cell: cell.filter(isOwn), perCell, first, end };
  };
  return [side(0, firstNew), side(firstNew, perCell.length)];
}

/** How often each cell is in a new series made of blocks drawn at random, within each series for itself. */
function drawBlocks({ firstCell }: Layout, random: Random, weights: Uint32Array): void {
  const perBlock = CELLS_PER_BLOCK;
  weights.fill(0);
  for (let index = 0; index + 1 < firstCell.length; index++) {
    const first = firstCell[index] as number;
    const cells = (firstCell[index + 1] as number) - first;
    const starts = cells - perBlock + 1;
    for (let block = 0; block < cells / perBlock; block++) {
      const start = first + Math.floor(random() * starts);
      for (let cell = start; cell < start + perBlock; cell++) weights[cell] = (weights[cell] as number) + 1;
    }
  }
}

/** Quantiles of the requests weighted by their cells, ms, by nearest rank: one walk from the largest down. */
function weightedQuantiles(side: Side, quantiles: readonly number[], weights: Uint32Array, found: Float64Array): void {
  const { micros, cell, perCell, first, end } = side;
  let total = 0;
  for (let c = first; c < end; c++) total += (weights[c] as number) * (perCell[c] as number);
  let place = micros.length;
  let above = 0;
  for (let index = 0; index < quantiles.length; index++) {
    // As many as may lie above the quantile.
    const room = (1 - (quantiles[index] as number)) * total + 1e-6;
    while (above <= room && place > 0) above += weights[cell[--place] as number] as number;
    found[index] = (micros[place] as number) / 1000;
  }
}
