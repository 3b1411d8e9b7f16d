import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createServerClock } from '../../src/watchers/postgres-clock.js';

it('knows the time of the server to half of the quickest round trip', () => {
  const trip = fc.record({ pause: fc.nat(500), out: fc.nat(40), back: fc.nat(40) });
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.array(trip, { minLength: 1, maxLength: 50 }),
      (offset, trips) => {
        const clock = createServerClock();
        let at = 0;
        for (const { pause, out, back } of trips) {
          const sentAt = at + pause;
          clock.reading(sentAt, sentAt + out + offset, sentAt + out + back);
          at = sentAt + out + back;
        }
        expect(Math.abs(clock.toRun(at + offset) - at)).toBeLessThanOrEqual(clock.errorMs() + 0.01);
        const quickest = Math.min(...trips.map(({ out, back }) => (out + back) / 2));
        expect(clock.errorMs()).toBeLessThanOrEqual(quickest + 0.000_05 * at + 0.01);
      },
    ),
  );
});

it('follows a clock that was set', () => {
  const clock = createServerClock();
  clock.reading(0, 1000, 1);
  clock.reading(100, 1100.5, 101);
  clock.reading(200, 61_200.5, 204);
  expect(Math.abs(clock.toRun(61_300) - 301.5)).toBeLessThan(2.1);
});
