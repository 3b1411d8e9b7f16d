import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shiftTestP } from '../../../src/judge/locks/shift-test.js';
import { seededRandom } from '../../../src/model/random.js';

const RUNS = 400;

/** A series in which neighbours resemble each other, as latencies do. */
function series(length: number, random: () => number, memory = 0.95): number[] {
  let value = 0;
  return Array.from({ length }, () => {
    value = memory * value + (random() + random() + random() - 1.5);
    return value;
  });
}

/** Windows somewhere: `count` of them. */
function windows(length: number, size: number, count: number, random: () => number): boolean[] {
  const inside = new Array<boolean>(length).fill(false);
  for (let each = 0; each < count; each++) {
    const from = Math.floor(random() * (length - size));
    inside.fill(true, from, from + size);
  }
  return inside;
}

describe('the circular-shift test', () => {
  it.each([
    [300, 30, 1],
    [2000, 60, 1],
    [1500, 10, 4],
  ])('says nothing of %d bins without an effect more often than it should', (length, size, count) => {
    let [at05, at01] = [0, 0];
    for (let run = 0; run < RUNS; run++) {
      const random = seededRandom(1000 * run + length);
      const p = shiftTestP(series(length, random), windows(length, size, count, random), random) ?? 1;
      if (p <= 0.05) at05++;
      if (p <= 0.01) at01++;
    }
    // Binomial of 400 runs: four standard deviations over what is expected.
    expect(at05).toBeLessThan(400 * 0.05 + 4 * Math.sqrt(400 * 0.05 * 0.95));
    expect(at05).toBeGreaterThan(2);
    expect(at01).toBeLessThan(400 * 0.01 + 4 * Math.sqrt(400 * 0.01 * 0.99));
  });

  it('finds a window in which all is slow', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
        const random = seededRandom(seed);
        const inside = windows(1000, 30, 1, random);
        const values = series(1000, random, 0.5).map((value, bin) => value + (inside[bin] ? 6 : 0));
        expect(shiftTestP(values, inside, random)).toBeLessThanOrEqual(0.01);
      }),
      { numRuns: 50 },
    );
  });

  it('is between the least that draws can show and 1, and the same for the same seed', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 100, max: 3000 }),
        fc.integer({ min: 1, max: 99 }),
        (seed, length, size) => {
          const random = seededRandom(seed);
          const [values, inside] = [series(length, random), windows(length, size, 2, random)];
          const p = shiftTestP(values, inside, seededRandom(7)) as number;
          expect(p).toBeGreaterThanOrEqual(1 / Math.min(1000, length));
          expect(p).toBeLessThanOrEqual(1);
          expect(shiftTestP(values, inside, seededRandom(7))).toBe(p);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('has nothing to say of a series that is short, or lies within or without', () => {
    const random = seededRandom(1);
    expect(shiftTestP(series(99, random), windows(99, 5, 1, random), random)).toBeNull();
    expect(shiftTestP(series(500, random), new Array<boolean>(500).fill(true), random)).toBeNull();
    expect(shiftTestP(series(500, random), new Array<boolean>(500).fill(false), random)).toBeNull();
  });

  it('where all is the same everything is as extreme', () => {
    expect(shiftTestP(new Array<number>(500).fill(1), windows(500, 5, 1, seededRandom(1)), seededRandom(1))).toBe(1);
  });
});
