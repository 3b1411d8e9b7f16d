import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { furtherRunP, studentTail } from '../../src/judge/compare/between-runs.js';
import { differenceIntervals } from '../../src/judge/compare/bootstrap.js';
import { holm } from '../../src/judge/compare/holm.js';
import { layoutOf, quantilesOf } from '../../src/judge/compare/layout.js';
import { meanRanks, permutationP } from '../../src/judge/compare/permutation.js';
import { testRow } from '../../src/judge/compare/row-tests.js';
import { keepSeries, type Series } from '../../src/judge/compare/series.js';
import { randomFor } from '../../src/model/random.js';

/** A series of whole milliseconds, one every 10 ms. */
function seriesOf(values: readonly number[]): Series {
  return {
    micros: Uint32Array.from(values, (ms) => ms * 1000),
    at: Float32Array.from(values, (_, i) => i * 10),
    durationMs: values.length * 10,
    seen: values.length,
  };
}

const values = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 400, maxLength: 900 });

describe('a series in bounded memory', () => {
  it('keeps every request until it is full, in order', () => {
    const keeper = keepSeries('k', 8);
    for (let i = 0; i < 8; i++) keeper.add(i, i / 10);
    const { micros, at, seen } = keeper.series(8);
    expect([[...micros], [...at], seen]).toEqual([[0, 100, 200, 300, 400, 500, 600, 700], [0, 1, 2, 3, 4, 5, 6, 7], 8]);
  });

  it('keeps one of every so many in turn from then on', () => {
    const keeper = keepSeries('k', 1024);
    for (let i = 0; i < 100_000; i++) keeper.add(i, i % 2);
    const { micros, at, seen } = keeper.series(100_000);
    expect(seen).toBe(100_000);
    expect(micros.length).toBe(Math.floor(100_000 / 128));
    at.forEach((ms, place) => {
      expect(Math.floor(ms / 128)).toBe(place);
    });
    // Two kinds of request that take turns: both are there in equal parts, more or less.
    const odd = micros.filter((each) => each === 1000).length / micros.length;
    expect(odd).toBeGreaterThan(0.4);
    expect(odd).toBeLessThan(0.6);
  });
});

describe('blocks', () => {
  it('need eight of half a second and twenty requests', () => {
    expect(layoutOf([seriesOf(new Array(400).fill(1)), seriesOf(new Array(400).fill(1))])?.firstCell).toEqual([
      0, 32, 64,
    ]);
    expect(layoutOf([seriesOf(new Array(390).fill(1)), seriesOf(new Array(900).fill(1))])).toBeNull();
    const sparse = { ...seriesOf(new Array(150).fill(1)), durationMs: 60_000 };
    expect(layoutOf([sparse, sparse])).toBeNull();
  });

  it('give the quantiles by nearest rank and the effect size by counting pairs', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const layout = layoutOf([seriesOf(a), seriesOf(b)]);
        if (layout === null) throw new Error('too short');
        const nearest = (of: readonly number[], q: number) =>
          of.toSorted((x, y) => x - y)[Math.ceil(q * of.length - 1e-9) - 1];
        for (const q of [0.5, 0.99]) expect(quantilesOf(layout, q)).toEqual([nearest(a, q), nearest(b, q)]);
        let larger = 0;
        for (const x of a) for (const y of b) larger += y > x ? 1 : y === x ? 0.5 : 0;
        expect(meanRanks(layout).a12).toBeCloseTo(larger / (a.length * b.length), 10);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the block permutation test', () => {
  it('gives the exact share of choices where they can be counted', () => {
    // 3 of 6 blocks: 20 choices, of which the observed one and its mirror image are as extreme.
    const blocks = { means: [1, 2, 3, 11, 12, 13], isNew: [false, false, false, true, true, true] };
    expect(permutationP(blocks, randomFor('p'), 20_000)).toBeCloseTo(0.1, 1);
  });

  it('is 1 where there is no difference, and never 0', () => {
    const isNew = [false, false, true, true];
    expect(permutationP({ means: [5, 5, 5, 5], isNew }, randomFor('p'), 999)).toBe(1);
    expect(permutationP({ means: [], isNew: [] }, randomFor('p'), 999)).toBe(1);
    const far = {
      means: Array.from({ length: 60 }, (_, i) => i),
      isNew: Array.from({ length: 60 }, (_, i) => i >= 30),
    };
    expect(permutationP(far, randomFor('p'), 999)).toBe(0.001);
  });
});

describe('the interval of a difference', () => {
  it('covers nothing but the difference where every request takes the same time', () => {
    const layout = layoutOf([seriesOf(new Array(500).fill(10)), seriesOf(new Array(700).fill(13))]);
    if (layout === null) throw new Error('too short');
    expect(differenceIntervals(layout, [0.99, 0.5], randomFor('i'))).toEqual([
      [3, 3],
      [3, 3],
    ]);
  });
});

describe('many tests', () => {
  it("are adjusted as in Holm's procedure", () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((p, index) => {
      expect(adjusted[index]).toBeCloseTo(p, 12);
    });
  });

  it('never become more significant, keep their order, and are at most 1', () => {
    const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(pValues, (ps) => {
        const adjusted = holm(ps);
        ps.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(1);
          ps.forEach((q, j) => {
            if (p < q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] as number);
          });
        });
      }),
    );
  });
});

describe('a further run among earlier ones', () => {
  // Two-sided 5 % points of Student's t, from tables.
  it.each([
    [1, 12.7062],
    [2, 4.3027],
    [3, 3.1824],
    [4, 2.7764],
    [9, 2.2622],
    [30, 2.0423],
  ])('has the tails of t with %i degrees of freedom', (degrees, point) => {
    expect(studentTail(point, degrees)).toBeCloseTo(0.05, 5);
  });

  it('needs two of them, and does not stand out where it is their mean', () => {
    expect(furtherRunP([1], 5)).toBeNull();
    expect(furtherRunP([1, 3], 2)).toBe(1);
    expect(furtherRunP([2, 2], 2)).toBe(1);
    expect(furtherRunP([2, 2], 3)).toBe(0);
  });
});

describe('a row', () => {
  it('says nothing of a series held against itself', () => {
    fc.assert(
      fc.property(values, (a) => {
        const row = testRow([seriesOf(a)], seriesOf(a), 'k', 999);
        expect(row).toMatchObject({ a12: 0.5, p50: { p: 1 }, p99: { p: 1 } });
        for (const { interval } of [row?.p50, row?.p99].flatMap((each) => each ?? [])) {
          expect(interval[0]).toBeLessThanOrEqual(0);
          expect(interval[1]).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is the same every time it is made', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const make = () => JSON.stringify(testRow([seriesOf(a)], seriesOf(b), 'k', 999));
        expect(make()).toBe(make());
      }),
      { numRuns: 10 },
    );
  });

  it('weighs the blocks of a long series as those of short ones, though fewer of its requests are kept', () => {
    const kept = (key: string, durationMs: number, slower: number): Series => {
      const random = randomFor(key);
      const keeper = keepSeries(key);
      for (let at = 0; at < durationMs; at += 2.5) keeper.add(at, slower * (8 + 4 * random()));
      return keeper.series(durationMs);
    };
    const base = [0, 1, 2, 3, 4].map((run) => kept(`base ${run}`, 30_000, 1));
    const fresh = kept('new', 180_000, 1.5);
    expect(fresh.micros.length).toBe(fresh.seen / 8);
    const row = testRow(base, fresh, 'k', 999);
    expect(row?.p50.pBlocks).toBe(0.001);
    expect(row?.p99?.pBlocks).toBe(0.001);
  });

  it('has no p99 with fewer than 299 requests, and nothing without any', () => {
    const short = { ...seriesOf(new Array(200).fill(5)), durationMs: 10_000 };
    expect(testRow([short], short, 'k', 999)).toMatchObject({ p50: { base: 5, new: 5 }, p99: null });
    expect(testRow([short], seriesOf([]), 'k', 999)).toBeNull();
  });
});
