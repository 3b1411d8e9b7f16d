import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/model/sample.js';
import { createOrdering } from '../../src/record/fold/order.js';
import { OK, REFUSED, sample } from './build-run.js';

function ordered(
  samples: readonly Sample[],
  asleepMs = (_from: number, _to: number) => 0,
): { seqs: number[]; ats: number[]; disordered: number } {
  const seqs: number[] = [];
  const ats: number[] = [];
  const ordering = createOrdering(({ seq }, at) => {
    seqs.push(seq);
    ats.push(at);
  }, asleepMs);
  for (const item of samples) ordering.push(item);
  ordering.drain();
  return { seqs, ats, disordered: ordering.disordered() };
}

describe('the order of samples', () => {
  it('is that of their ends, however far apart the batches of several threads came', () => {
    const ends = fc.array(fc.record({ endedAt: fc.nat(5000), lateBy: fc.nat(499), ok: fc.boolean() }), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(ends, (list) => {
        const samples = list.map(({ endedAt, ok }, seq) =>
          sample({ seq, dueAt: 0, endedAt, outcome: ok ? OK : REFUSED }),
        );
        const arrivals = samples
          .map((item, index) => ({ item, at: item.endedAt + (list[index]?.lateBy ?? 0) }))
          .sort((a, b) => a.at - b.at);
        const expected = samples.toSorted(
          (a, b) => a.endedAt - b.endedAt || Number(b.outcome === OK) - Number(a.outcome === OK) || a.seq - b.seq,
        );
        const { seqs, disordered } = ordered(arrivals.map(({ item }) => item));
        expect(seqs).toEqual(expected.map(({ seq }) => seq));
        expect(disordered).toBe(0);
      }),
    );
  });

  it('never goes back: what comes far too late is handed on at the time of the one before, and counted', () => {
    const late = ordered([2000, 4000, 4100, 1, 4200].map((endedAt, seq) => sample({ seq, dueAt: 0, endedAt })));
    expect(late.disordered).toBe(1);
    expect(late.ats).toEqual([...late.ats].sort((a, b) => a - b));
    expect(late.seqs).toHaveLength(5);
  });

  it('waits for what a thread had at hand when it stood still, and for no more', () => {
    const pause = { from: 2000, to: 2800 };
    const asleepMs = (from: number, to: number) => Math.max(0, Math.min(to, pause.to) - Math.max(from, pause.from));
    const awake = Array.from({ length: 800 }, (_, n) => sample({ seq: n, dueAt: 0, endedAt: 1000 + 5 * n }));
    const writtenAt = ({ seq, endedAt }: Sample) => (seq < 800 ? endedAt : seq === 800 ? 2800 : 3600);
    const recorded = (held: Sample) =>
      [...awake, held].sort((a, b) => writtenAt(a) - writtenAt(b) || a.endedAt - b.endedAt);
    const held = ordered(recorded(sample({ seq: 800, dueAt: 0, endedAt: 1901 })), asleepMs);
    expect(held.disordered).toBe(0);
    expect(held.ats).toEqual([...held.ats].sort((a, b) => a - b));
    expect(held.seqs.indexOf(800)).toBe(181);
    const late = ordered(recorded(sample({ seq: 801, dueAt: 0, endedAt: 1901 })), asleepMs);
    expect(late.disordered).toBe(1);
  });
});
