import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecast, grows, spellMs } from '../../../src/migrations/trace/growth.ts';

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
