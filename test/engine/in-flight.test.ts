import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Flight, InFlight } from '../../src/engine/in-flight.js';

describe('what is under way', () => {
  it('stays in the order of its beginning, whatever ends first', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat()), { maxLength: 200 }), (moves) => {
        const list = new InFlight<number>();
        let held: Flight<number>[] = [];
        moves.forEach(([add, which], number) => {
          if (add || held.length === 0) held.push(list.add(number));
          else {
            const flight = held[which % held.length] as Flight<number>;
            list.remove(flight);
            held = held.filter((other) => other !== flight);
          }
        });
        const listed: number[] = [];
        for (let flight = list.oldest; flight !== null; flight = flight.after) listed.push(flight.value);
        expect(listed).toEqual(held.map(({ value }) => value));
        expect(list.size).toBe(held.length);
      }),
    );
  });
});
