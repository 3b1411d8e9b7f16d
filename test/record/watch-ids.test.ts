import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObservationEvent } from '../../src/model/watch.js';
import { addRun } from '../../src/record/fold/watch-ids.js';
import { buildRun } from './build-run.js';
import { named, sees, watchHeader } from './observations.js';

function folded(...events: ObservationEvent[]) {
  return buildRun({ watch: [watchHeader('log')], events: [sees(400), ...events] }).watchers[0]?.ids ?? null;
}

describe('requests that a log named', () => {
  it('are null where no log was asked for them', () => {
    expect(folded()).toBeNull();
    expect(folded(named(500, []))).toEqual({
      side: 'proxy',
      runs: [],
      again: [],
      told: [],
      untold: 0,
      mute: 0,
      gaps: [],
    });
  });

  it('are joined, in whatever order they came', () => {
    expect(folded(named(500, [[10, 20], 30]), named(1500, [[0, 9], 25]), named(2500, [[21, 24]]))?.runs).toEqual([
      0, 25, 30, 30,
    ]);
  });

  it('are named again where they are named twice, within a second or later', () => {
    const ids = folded(named(500, [[1, 5], 3]), named(1500, [[5, 7]]));
    expect(ids?.runs).toEqual([1, 7]);
    expect(ids?.again).toEqual([
      { seq: 3, at: 500 },
      { seq: 5, at: 1500 },
    ]);
  });

  it('are a log with a hole where there are too many apart to keep', () => {
    const every = Array.from({ length: 30_000 }, (_, n) => 2 * n);
    const ids = folded(named(500, every), named(1500, [70_001]));
    expect(ids?.runs.length).toBe(40_000);
    expect(ids?.gaps).toEqual([{ at: 500, detail: 'it names too few of the requests to keep which' }]);
  });

  it('are each in one run, and heard of again as often as they came after the first time', () => {
    const run = fc.tuple(fc.nat(80), fc.nat(6)).map(([first, more]): [number, number] => [first, first + more]);
    fc.assert(
      fc.property(fc.array(run, { maxLength: 40 }), (added) => {
        const runs: number[] = [];
        const again: number[] = [];
        const times = new Map<number, number>();
        for (const [first, last] of added) {
          addRun(runs, first, last, (seq) => again.push(seq));
          for (let seq = first; seq <= last; seq += 1) times.set(seq, (times.get(seq) ?? 0) + 1);
        }
        const held: number[] = [];
        for (let index = 0; index < runs.length; index += 2) {
          expect(index === 0 || (runs[index] as number) > (runs[index - 1] as number) + 1).toBe(true);
          for (let seq = runs[index] as number; seq <= (runs[index + 1] as number); seq += 1) held.push(seq);
        }
        expect(held).toEqual([...times.keys()].sort((a, b) => a - b));
        expect(again.length).toBe([...times.values()].reduce((sum, count) => sum + count - 1, 0));
      }),
    );
  });
});
