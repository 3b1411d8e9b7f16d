import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival, Schedule, type SchedulePlan, weightedTurns } from '../../src/engine/schedule.js';
import { seededRandom } from '../../src/model/random.js';
import { arrivalsBy, constantRate, type RateProfile, rateAt, withRateFrom } from '../../src/model/rate.js';
import { senderOf } from '../../src/model/senders.js';

function plan(part: Partial<SchedulePlan> & { weights?: number[]; ratePerSec?: number } = {}): SchedulePlan {
  const { weights = [1], ratePerSec = 100, ...rest } = part;
  return {
    streams: [{ rate: constantRate(ratePerSec) }],
    flows: weights.map((weight) => ({ weight, stream: 0 })),
    keepaliveShare: 0.5,
    arrival: 'even',
    seed: 1,
    ...rest,
  };
}

function first(count: number, of: SchedulePlan): Arrival[] {
  const schedule = new Schedule(of);
  return Array.from({ length: count }, () => schedule.take());
}

/** Everything due before an instant. */
function until(schedule: Schedule, offsetMs: number): Arrival[] {
  const arrivals: Arrival[] = [];
  while (schedule.nextOffsetMs < offsetMs) arrivals.push(schedule.take());
  return arrivals;
}

const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const rates = fc.double({ min: 0.1, max: 2000, noNaN: true });
const stages = fc.array(
  fc.record({ target: fc.integer({ min: 0, max: 500 }), forMs: fc.integer({ min: 1, max: 4000 }) }),
  {
    maxLength: 5,
  },
);

/** A ramp through targets, the last of which holds on. */
function ramp(startPerSec: number, through: { target: number; forMs: number }[]): RateProfile {
  const profile: RateProfile = [];
  let at = 0;
  let fromPerSec = startPerSec;
  for (const { target, forMs } of through) {
    profile.push({ at, fromPerSec, toPerSec: target, forMs });
    at += forMs;
    fromPerSec = target;
  }
  return [...profile, { at, fromPerSec, toPerSec: fromPerSec, forMs: null }];
}

/** Arrival n is due where the integral of the rate is n. */
function expectInPlace(arrivals: Arrival[], rate: RateProfile): void {
  for (const [index, { offsetMs }] of arrivals.entries()) expect(arrivalsBy(rate, offsetMs)).toBeCloseTo(index, 5);
}

const profiles = fc.tuple(fc.integer({ min: 0, max: 500 }), stages).map(([start, through]) => ramp(start, through));

describe('the schedule', () => {
  it('is absolute: at a constant rate arrival i is due at i / rate, whatever came before', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 20_000, noNaN: true }), fc.nat(2000), (ratePerSec, index) => {
        const arrival = first(index + 1, plan({ ratePerSec })).at(-1)!;
        expect(arrival.seq).toBe(index);
        expect(arrival.offsetMs).toBeCloseTo((index * 1000) / ratePerSec, 6);
      }),
      { numRuns: 50 },
    );
  });

  it('does not drift: the millionth arrival is due where the rate says', () => {
    const rate = ramp(10, [{ target: 7000, forMs: 30_000 }]);
    const schedule = new Schedule({ ...plan(), streams: [{ rate }] });
    let last = schedule.take();
    for (let index = 1; index < 1_000_000; index += 1) last = schedule.take();
    expect(arrivalsBy(rate, last.offsetMs)).toBeCloseTo(999_999, 4);
  });

  it('has, until any instant, as many arrivals as the integral of the rate, in order', () => {
    fc.assert(
      fc.property(profiles, fc.integer({ min: 1, max: 8000 }), (rate, end) => {
        const arrivals = until(new Schedule({ ...plan(), streams: [{ rate }] }), end);
        // An arrival exactly at the end may fall on either side by the rounding of a float.
        expect(Math.abs(arrivals.length - Math.ceil(arrivalsBy(rate, end) - 1e-6))).toBeLessThanOrEqual(
          Math.abs(arrivalsBy(rate, end) % 1) < 1e-6 ? 1 : 0,
        );
        expect(arrivals.map(({ seq }) => seq)).toEqual(arrivals.map((_, index) => index));
        expectInPlace(arrivals, rate);
      }),
      { numRuns: 100 },
    );
  });

  it('moves nothing that was due before a change of rate, and follows the new rate from there', () => {
    fc.assert(
      fc.property(
        profiles,
        fc.integer({ min: 0, max: 3000 }),
        rates,
        fc.integer({ min: 1, max: 3000 }),
        (rate, from, other, forMs) => {
          const streams = [{ rate }];
          const unchanged = until(new Schedule({ ...plan(), streams }), from);
          const schedule = new Schedule({ ...plan(), streams });
          const before = until(schedule, from);
          schedule.changeRate(0, from, other);
          const during = until(schedule, from + forMs);
          schedule.changeRate(0, from + forMs, null);
          const after = until(schedule, from + forMs + 1000);
          expect(before).toEqual(unchanged);
          const profile = withRateFrom(withRateFrom(rate, from, other, rate), from + forMs, null, rate);
          const all = [...before, ...during, ...after];
          expect(Math.abs(all.length - arrivalsBy(profile, from + forMs + 1000))).toBeLessThanOrEqual(1.000001);
          expect(Math.abs(during.length - (other * forMs) / 1000)).toBeLessThanOrEqual(1.000001);
          expect(rateAt(profile, from + forMs / 2)).toBeCloseTo(other, 6);
          expectInPlace(all, profile);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is sent whole by any number of threads, each arrival by one', () => {
    fc.assert(
      fc.property(
        profiles,
        weights,
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom('even', 'poisson'),
        (rate, shares, threads, arrival) => {
          const whole = plan({ weights: shares, streams: [{ rate }], arrival: arrival as 'even' });
          const all = until(new Schedule(whole), 1500);
          const parts = Array.from({ length: threads }, (_, thread) =>
            until(new Schedule(whole), 1500).filter(({ seq }) => senderOf(seq, threads) === thread),
          );
          expect(parts.flat().sort((a, b) => a.seq - b.seq)).toEqual(all);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('gives every thread its share of each flow and connection kind', () => {
    const arrivals = first(40_000, plan({ weights: [1, 1], keepaliveShare: 0.5 }));
    for (const threads of [2, 3, 4]) {
      for (let cell = 0; cell < threads * 4; cell += 1) {
        const [thread, flow, kept] = [cell >> 2, (cell >> 1) & 1, cell & 1];
        const own = arrivals.filter(
          ({ seq, flow: of, keepalive }) =>
            senderOf(seq, threads) === thread && of === flow && keepalive === (kept === 1),
        );
        // Six standard deviations of a fair share.
        const fair = 10_000 / threads;
        expect(Math.abs(own.length - fair)).toBeLessThan(6 * Math.sqrt(fair));
      }
    }
  });

  it('merges streams of different rates by their due times, each at its own rate', () => {
    fc.assert(
      fc.property(rates, rates, (mix, own) => {
        const streams = [{ rate: constantRate(mix) }, { rate: constantRate(own) }];
        const flows = [
          { weight: 2, stream: 0 },
          { weight: 1, stream: 1 },
          { weight: 1, stream: 0 },
        ];
        const arrivals = until(new Schedule({ ...plan(), streams, flows }), 2000);
        const offsets = arrivals.map(({ offsetMs }) => offsetMs);
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        const of = (flow: number) => arrivals.filter((arrival) => arrival.flow === flow);
        expect(Math.abs(of(1).length - own * 2)).toBeLessThanOrEqual(1);
        expect(Math.abs(of(0).length + of(2).length - mix * 2)).toBeLessThanOrEqual(1);
        expect(of(1).map(({ flowSeq }) => flowSeq)).toEqual(of(1).map((_, index) => index));
      }),
      { numRuns: 50 },
    );
  });

  it('spaces Poisson arrivals exponentially: mean and variance of the gaps, and the count in a span', () => {
    const arrivals = first(50_000, plan({ ratePerSec: 100, arrival: 'poisson', seed: 7 }));
    const gaps = arrivals.slice(1).map(({ offsetMs }, index) => offsetMs - arrivals[index]!.offsetMs);
    const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // Five standard errors of an exponential distribution of mean 10 ms; the seed is fixed.
    expect(Math.abs(mean - 10)).toBeLessThan(0.25);
    expect(Math.abs(variance - 100)).toBeLessThan(6.5);
    expect(gaps.filter((gap) => gap > 10).length / gaps.length).toBeCloseTo(Math.exp(-1), 1);
  });

  it('has no flow that is ever more than two arrivals away from its weight', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 300 }), fc.nat(), (shares, count, seed) => {
        const sum = shares.reduce((total, share) => total + share, 0);
        const arrivals = first(count, plan({ weights: shares, seed }));
        shares.forEach((share, flow) => {
          const of = arrivals.filter((arrival) => arrival.flow === flow).length;
          expect(Math.abs(of - (count * share) / sum)).toBeLessThan(2);
        });
      }),
    );
  });

  it.each([
    [[50, 30, 20], 10],
    [[1, 1], 2],
    [[9, 1], 10],
    [[60, 10, 30], 100],
  ])(
    'falls out of step with a balancer: of flows %j each meets one instance of %i by its share',
    (shares, instances) => {
      const rounds = 2000;
      const met = first(rounds * instances, plan({ weights: shares })).filter(({ seq }) => seq % instances === 0);
      const sum = shares.reduce((total, share) => total + share, 0);
      shares.forEach((share, flow) => {
        const fair = (rounds * share) / sum;
        expect(met.filter((arrival) => arrival.flow === flow).length / fair).toBeGreaterThan(0.75);
      });
      const kept = met.filter(({ keepalive }) => keepalive).length / met.length;
      expect(Math.abs(kept - 0.5)).toBeLessThan(0.1);
    },
  );

  it('gives every flow both kinds of connection in the declared share, never off by more than two', () => {
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (shares, keepaliveShare) => {
        const arrivals = first(400, plan({ weights: shares, keepaliveShare }));
        shares.forEach((_, flow) => {
          const own = arrivals.filter((arrival) => arrival.flow === flow);
          const reused = own.filter(({ keepalive }) => keepalive).length;
          expect(Math.abs(reused - own.length * keepaliveShare)).toBeLessThan(2);
        });
      }),
    );
  });

  it('is the same for the same plan, and another for another seed where it is random', () => {
    const options = plan({ ratePerSec: 200, weights: [60, 10, 30], keepaliveShare: 0.8 });
    expect(first(500, options)).toEqual(first(500, options));
    const poisson = { ...options, arrival: 'poisson' as const };
    expect(first(500, poisson)).toEqual(first(500, poisson));
    expect(first(500, poisson)).not.toEqual(first(500, { ...poisson, seed: 2 }));
  });

  it('spreads flows instead of sending them in blocks', () => {
    const next = weightedTurns([50, 30, 20], seededRandom(1));
    const turns = Array.from({ length: 20_000 }, next);
    const longest = [0, 1, 2].map((flow) => {
      const places = turns.flatMap((turn, place) => (turn === flow ? [place] : []));
      return Math.max(...places.slice(1).map((place, index) => place - (places[index] as number)));
    });
    // By turns without chance: 2, 4 and 5.
    expect(Math.max(...longest)).toBeLessThanOrEqual(16);
  });

  it('never picks a weight of zero', () => {
    expect(first(50, plan({ keepaliveShare: 1 })).every(({ keepalive }) => keepalive)).toBe(true);
    expect(first(50, plan({ keepaliveShare: 0 })).some(({ keepalive }) => keepalive)).toBe(false);
  });

  it('is never due where the rate has come to rest at nothing', () => {
    const schedule = new Schedule({ ...plan(), streams: [{ rate: ramp(9, [{ target: 0, forMs: 1000 }]) }] });
    expect(until(schedule, 1e9).length).toBe(5);
    expect(schedule.nextOffsetMs).toBe(Number.POSITIVE_INFINITY);
    schedule.changeRate(0, 5000, 10);
    expect(schedule.nextOffsetMs).toBe(5050);
  });
});
