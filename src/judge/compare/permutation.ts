import type { Random } from '../../model/random.js';
import { CELLS_PER_BLOCK, type Layout } from './layout.js';

/** Draws at which a p-value is known well enough as soon as so many of them were as extreme. */
const EXTREMES_NEEDED = 50;

/** Means of a score over each block; `isNew` for those of the last series, which is held against all others. */
export interface BlockMeans {
  means: number[];
  isNew: boolean[];
}

/** The share of requests over `micros` in each block; those at it count half. */
export function sharesOver(layout: Layout, micros: number): BlockMeans {
  return blockMeans(layout, (value) => (value > micros ? 1 : value === micros ? 0.5 : 0));
}

/**
 * The mean rank of the requests of each block among all of them, ties at their middle: Mann and Whitney's U is a sum of
 * these (Annals of Mathematical Statistics 18, 1947). With the effect size of Vargha and Delaney (Journal of Educational
 * and Behavioral Statistics 25, 2000): the probability that a request of the new run takes longer than one of the others,
 * 0.5 where neither is slower.
 */
export function meanRanks(layout: Layout): BlockMeans & { a12: number } {
  const { micros, cell, firstCell } = layout;
  const ranks = new Float64Array(micros.length);
  for (let from = 0; from < micros.length; ) {
    let to = from;
    while (to < micros.length && micros[to] === micros[from]) to++;
    ranks.fill((from + to + 1) / 2, from, to);
    from = to;
  }
  const firstNew = firstCell.at(-2) as number;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < micros.length; i++) {
    if ((cell[i] as number) < firstNew) continue;
    sum += ranks[i] as number;
    count++;
  }
  const a12 = (sum / count - (count + 1) / 2) / (micros.length - count);
  return { ...blockMeans(layout, (_, place) => ranks[place] as number), a12 };
}

function blockMeans(
  { micros, cell, firstCell, perCell }: Layout,
  score: (micros: number, place: number) => number,
): BlockMeans {
  const perBlock = CELLS_PER_BLOCK;
  const blocks = perCell.length / perBlock;
  const sums = new Float64Array(blocks);
  const counts = new Float64Array(blocks);
  for (let i = 0; i < micros.length; i++) {
    const block = Math.floor((cell[i] as number) / perBlock);
    sums[block] = (sums[block] as number) + score(micros[i] as number, i);
    counts[block] = (counts[block] as number) + 1;
  }
  const firstNew = (firstCell.at(-2) as number) / perBlock;
  const found: BlockMeans = { means: [], isNew: [] };
  firstCell.slice(1).forEach((endCell, index) => {
    const [first, end] = [(firstCell[index] as number) / perBlock, endCell / perBlock];
    const own = counts.subarray(first, end);
    // A block with next to nothing in it would weigh as much as a full one. What is full differs: long series are thinned.
    const least = own.reduce((sum, count) => sum + count, 0) / own.length / 4;
    for (let block = first; block < end; block++) {
      const count = counts[block] as number;
      if (count < least) continue;
      found.means.push((sums[block] as number) / count);
      found.isNew.push(block >= firstNew);
    }
  });
  return found;
}

/**
 * Two-sided p-value of a block permutation test: how often a random choice of as many blocks has a mean as far from
 * that of the others as the new run's. Where both runs come from one process and blocks are independent it is exact,
 * whatever the distribution, also for tails that a few bursts make up: there a bootstrap of few clusters would find too
 * many differences. Good: Permutation, Parametric and Bootstrap Tests (2005), 3.2; blocks of a series: Kirch, Journal of
 * Statistical Planning and Inference 137 (2007). Drawing ends early where the value is large anyway: Besag and Clifford,
 * Sequential Monte Carlo p-values, Biometrika 78 (1991).
 */
export function permutationP({ means, isNew }: BlockMeans, random: Random, draws: number): number {
  const count = means.length;
  const chosen = isNew.filter((is) => is).length;
  if (chosen === 0 || chosen === count) return 1;
  const middle = means.reduce((sum, mean) => sum + mean, 0) / count;
  const values = Float64Array.from(means, (mean) => mean - middle);
  const observed = Math.abs(values.reduce((sum, value, i) => (isNew[i] ? sum + value : sum), 0));
  const size = values.reduce((sum, value) => sum + Math.abs(value), 0);
  const limit = observed - 1e-9 * size;
  const drawn = Math.min(chosen, count - chosen);
  let extremes = 0;
  for (let draw = 1; draw <= draws; draw++) {
    let sum = 0;
    for (let i = 0; i < drawn; i++) {
      const j = i + Math.floor(random() * (count - i));
      const value = values[j] as number;
      values[j] = values[i] as number;
      values[i] = value;
      sum += value;
    }
    if (Math.abs(sum) >= limit) extremes++;
    if (extremes === EXTREMES_NEEDED) return extremes / draw;
  }
  return (extremes + 1) / (draws + 1);
}
