import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecast, grows, scales, spellMs } from '../../../src/migrations/trace/growth.ts';

const ms = fc.double({ min: 0.01, max: 1e6, noNaN: true });

describe('a time', () => {
  it('that follows a power of the rows is forecast by it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 2, noNaN: true }), ms, (power, at) => {
        const time = (rows: number) => at * (rows / 1000) ** power;
        const told = forecast({ rows: 1000, ms: time(1000) }, { rows: 50_000, ms: time(50_000) }, 10_000_000);
        expect(told).not.toBeNull();
        expect((told as number) / time(10_000_000)).toBeCloseTo(1, 6);
      }),
    );
  });

  it('is never forecast below what was measured, nor where the sizes are none', () => {
    fc.assert(
      fc.property(ms, ms, (few, many) => {
        const told = forecast({ rows: 1000, ms: few }, { rows: 50_000, ms: many }, 1_000_000) as number;
        expect(told).toBeGreaterThanOrEqual(many);
      }),
    );
    expect(forecast({ rows: 0, ms: 1 }, { rows: 10, ms: 2 }, 100)).toBeNull();
    expect(forecast({ rows: 10, ms: 1 }, { rows: 10, ms: 2 }, 100)).toBeNull();
    expect(forecast({ rows: 10, ms: 0 }, { rows: 20, ms: 2 }, 100)).toBeNull();
  });

  it('grows where it is several times as long, and not by what a clock may be off', () => {
    expect(grows({ rows: 1000, ms: 2 }, { rows: 50_000, ms: 60 })).toBe(true);
    expect(grows({ rows: 1000, ms: 0.2 }, { rows: 50_000, ms: 3 })).toBe(false);
    expect(grows({ rows: 1000, ms: 40 }, { rows: 50_000, ms: 80 })).toBe(false);
  });

  it('is spelled in the unit that fits', () => {
    expect([1.26, 850, 4230, 720_000, 11_200_000].map(spellMs)).toEqual([
      '1.3 ms',
      '850 ms',
      '4.2 s',
      '12 min',
      '3.1 h',
    ]);
  });
});

describe('work', () => {
  const at = (rows: number, worked: number) => ({ rows, worked });

  it('that is a share of the rows, or more of them, grows with the tables', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 20, noNaN: true }), (share) => {
        expect(scales(at(1000, 1000 * share), at(50_000, 50_000 * share))).toBe(true);
      }),
    );
    expect(scales(at(1000, 0), at(50_000, 2000))).toBe(true);
  });

  it('with a limit does not, also where the limit is above the smaller size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (limit) => {
        expect(scales(at(1000, Math.min(limit, 1000)), at(50_000, limit))).toBe(false);
      }),
    );
  });
});
