import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival, type ScheduleOptions, schedule, smoothRoundRobin } from '../../src/engine/schedule.js';

function first(count: number, options: ScheduleOptions): Arrival[] {
  const arrivals = schedule(options);
  return Array.from({ length: count }, () => arrivals.next().value);
}

const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

describe('the schedule', () => {
  it('is absolute: arrival i is due at i / rate, whatever came before', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 20_000, noNaN: true }), fc.nat(2000), (ratePerSec, index) => {
        const arrival = first(index + 1, { ratePerSec, weights: [1], keepaliveShare: 0.8 }).at(-1)!;
        expect(arrival.seq).toBe(index);
        expect(arrival.offsetMs).toBeCloseTo((index * 1000) / ratePerSec, 6);
      }),
      { numRuns: 50 },
    );
  });

  it('gives every flow its weight within each full turn', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 5 }), (shares, turns) => {
        const turn = shares.reduce((sum, share) => sum + share, 0);
        const arrivals = first(turn * turns, { ratePerSec: 100, weights: shares, keepaliveShare: 0.5 });
        shares.forEach((share, flow) => {
          expect(arrivals.filter((arrival) => arrival.flow === flow).length).toBe(share * turns);
        });
      }),
    );
  });

  it('gives every flow both kinds of connection in the declared share, never off by more than one', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 0, max: 20 }), (shares, twentieths) => {
        const keepaliveShare = twentieths / 20;
        const arrivals = first(400, { ratePerSec: 100, weights: shares, keepaliveShare });
        shares.forEach((_, flow) => {
          let sent = 0;
          let kept = 0;
          for (const arrival of arrivals.filter((candidate) => candidate.flow === flow)) {
            sent += 1;
            kept += arrival.keepalive ? 1 : 0;
            expect(Math.abs(kept - sent * keepaliveShare)).toBeLessThan(1 + 1e-9);
          }
        });
      }),
      { numRuns: 50 },
    );
  });

  it('is the same for the same options', () => {
    const options = { ratePerSec: 200, weights: [60, 10, 30], keepaliveShare: 0.8 };
    expect(first(1000, options)).toEqual(first(1000, options));
  });

  it('spreads flows instead of sending them in blocks', () => {
    const pick = smoothRoundRobin([5, 1, 1]);
    expect(Array.from({ length: 7 }, pick)).toEqual([0, 0, 1, 0, 2, 0, 0]);
  });

  it('never picks a weight of zero', () => {
    expect(first(50, { ratePerSec: 1, weights: [1], keepaliveShare: 1 }).every(({ keepalive }) => keepalive)).toBe(
      true,
    );
    expect(first(50, { ratePerSec: 1, weights: [1], keepaliveShare: 0 }).some(({ keepalive }) => keepalive)).toBe(
      false,
    );
  });
});
