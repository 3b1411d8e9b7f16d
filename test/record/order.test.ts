import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/model/sample.js';
import { createOrdering } from '../../src/record/fold/order.js';
import { OK, REFUSED, sample } from './build-run.js';

function ordered(samples: readonly Sample[]): { seqs: number[]; ats: number[]; disordered: number } {
  const seqs: number[] = [];
  const ats: number[] = [];
  const ordering = createOrdering(({ seq }, at) => {
    seqs.push(seq);
    ats.push(at);
  });
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
});
