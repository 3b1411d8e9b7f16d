import { randomFor } from '../../model/random.js';
import { furtherRunP } from './between-runs.js';
import { differenceIntervals, type Interval } from './bootstrap.js';
import { type Layout, layoutOf, quantilesOf } from './layout.js';
import { meanRanks, permutationP, sharesOver } from './permutation.js';
import type { Series } from './series.js';

/** What was measured of one quantile: values in ms. */
export interface Measured {
  base: number;
  new: number;
  interval: Interval;
  baseRange: [number, number] | null;
  p: number;
  /** Of the block test alone, which knows nothing of how much runs differ. */
  pBlocks: number;
}

/** One flow in one step; a null says that the samples are too few. */
export interface RowTests {
  a12: number;
  p50: Measured;
  p99: Measured | null;
}

/** As for a limit of p99 by order statistics. */
const LEAST_FOR_P99 = 299;

/**
 * Holds the new run's series against those of the base runs, taken together. p50 goes with Mann and Whitney's test, p99
 * with the share of requests over the common p99; both by exchanging whole blocks. Of several base runs each counts as
 * one more way the same release may run: the p-value is the larger of the block test's and of that of a further run among
 * these, so that both have to reject (an intersection-union test; Berger, Technometrics 24, 1982). Null where the series
 * are too short. The same series and `key` give the same numbers.
 */
export function testRow(base: readonly Series[], fresh: Series, key: string, draws: number): RowTests | null {
  const all = [...base, fresh];
  if (all.some(({ micros }) => micros.length === 0)) return null;
  const layout = layoutOf(all);
  if (layout === null) return null;
  const random = randomFor(key);
  const ranks = meanRanks(layout);
  const pooled = joined(layout);
  const enough =
    Math.min(
      fresh.micros.length,
      base.reduce((sum, { micros }) => sum + micros.length, 0),
    ) >= LEAST_FOR_P99;
  const pMedian = permutationP(ranks, random, draws);
  const pTail = enough ? permutationP(sharesOver(layout, commonP99(layout)), random, draws) : 1;
  const [tail, median] = differenceIntervals(layout, [0.99, 0.5], random) as [Interval, Interval];
  const measured = (q: number, p: number, interval: Interval): Measured => {
    const [one, other] = quantilesOf(pooled, q) as [number, number];
    const each = base.length < 2 ? [] : quantilesOf(layout, q).slice(0, -1);
    const between = furtherRunP(each.map(logarithm), logarithm(other));
    return {
      base: one,
      new: other,
      interval,
      baseRange: each.length === 0 ? null : [Math.min(...each), Math.max(...each)],
      p: Math.max(p, between ?? 0),
      pBlocks: p,
    };
  };
  return { a12: ranks.a12, p50: measured(0.5, pMedian, median), p99: enough ? measured(0.99, pTail, tail) : null };
}

/** The p99 of all requests together, microseconds. */
function commonP99({ micros }: Layout): number {
  return micros[Math.max(0, Math.ceil(0.99 * micros.length - 1e-9) - 1)] as number;
}

/** The same layout with all base series as one. */
function joined(layout: Layout): Layout {
  const { firstCell } = layout;
  return { ...layout, firstCell: [0, firstCell.at(-2) as number, firstCell.at(-1) as number] };
}

/** Of a latency in ms; what is below the record's resolution counts as that. */
function logarithm(ms: number): number {
  return Math.log(Math.max(ms, 0.001));
}
