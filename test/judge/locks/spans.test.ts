import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lengthOf, union, within, without } from '../../../src/judge/locks/spans.js';

const span = fc.tuple(fc.nat(50), fc.nat(20)).map(([from, length]) => ({ from, to: from + length }));
const spans = fc.array(span, { maxLength: 12 });
const covered = (all: readonly { from: number; to: number }[], at: number) =>
  all.some(({ from, to }) => from <= at + 0.5 && to > at + 0.5);
const TIMES = Array.from({ length: 80 }, (_, at) => at);

it('spans are sets of moments', () => {
  fc.assert(
    fc.property(spans, spans, (a, b) => {
      const [left, right] = [union(a), union(b)];
      for (const at of TIMES) {
        expect(covered(left, at)).toBe(covered(a, at));
        expect(covered(within(left, right), at)).toBe(covered(a, at) && covered(b, at));
        expect(covered(without(left, right), at)).toBe(covered(a, at) && !covered(b, at));
      }
      expect(lengthOf(left)).toBe(TIMES.filter((at) => covered(a, at)).length);
      expect(lengthOf(within(left, right)) + lengthOf(without(left, right))).toBe(lengthOf(left));
      left.reduce((end, { from, to }) => {
        expect(from).toBeGreaterThan(end);
        return to;
      }, -1);
    }),
  );
});
