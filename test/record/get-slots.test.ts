import { describe, expect, it } from 'vitest';
import { buildRun, type Fate, foldOf, lost, REFUSED, record, TIMEOUT, wrong } from './build-run.js';

const FRESH = { connection: 'fresh' } as const;

/** The slot of 100 ms at a time; the baseline lasts from 1 s to 6 s, and the build follows. */
const slotOf = (fate: Fate, at: number) => buildRun({ fate }).getSlots.find((slot) => slot.at === at);

describe('what clients met that only GET', () => {
  it('is counted for every 100 ms, fresh connections alone, with the longest answer', () => {
    const slot = slotOf(({ seq }) => (seq % 5 < 2 ? { ...FRESH, latencyMs: 10 + (seq % 5) } : {}), 7_000);
    expect(slot).toEqual({ at: 7_000, fresh: 2, failed: 0, gone: 0, maxMs: 11, others: 0, repeatable: 0 });
  });

  it('has as many fresh GETs and failures as the cells', () => {
    const run = buildRun({
      fate: ({ seq }) => ({
        ...(seq % 3 === 0 ? FRESH : {}),
        ...(seq % 7 === 0 ? { outcome: seq % 2 === 0 ? REFUSED : wrong(500) } : {}),
      }),
    });
    const total = (key: 'fresh' | 'failed' | 'others') => run.getSlots.reduce((sum, slot) => sum + slot[key], 0);
    const fresh = run.cells.filter(({ connection }) => connection === 'fresh');
    expect(total('fresh')).toBe(fresh.reduce((sum, { requests }) => sum + requests, 0));
    expect(total('failed')).toBe(fresh.reduce((sum, { failed }) => sum + failed, 0));
    expect(total('failed') + total('others')).toBe(run.cells.reduce((sum, { failed }) => sum + failed, 0));
  });

  it.each([
    [REFUSED, 1],
    [lost('reset'), 1],
    [wrong(502), 1],
    [wrong(500), 0],
    [wrong(504), 0],
    [TIMEOUT, 0],
    [lost('truncated'), 0],
  ])('says of %j whether another path would have met it', (outcome, gone) => {
    expect(slotOf(({ seq }) => (seq === 351 ? { ...FRESH, outcome } : {}), 7_000)).toMatchObject({ failed: 1, gone });
  });

  it('counts a loss on a kept connection where it was lost, and a failure where it was due', () => {
    const fate: Fate = ({ seq }) => (seq === 351 ? { outcome: lost('closed'), latencyMs: 250 } : {});
    expect(slotOf(fate, 7_000)).toMatchObject({ fresh: 0, others: 1, repeatable: 0 });
    expect(slotOf(fate, 7_200)).toMatchObject({ others: 0, repeatable: 1 });
  });

  it('puts what was due in the baseline and failed in a step at the beginning of that step', () => {
    const fate: Fate = ({ seq }) => (seq === 295 ? { ...FRESH, outcome: TIMEOUT, latencyMs: 5_000 } : {});
    expect(slotOf(fate, 5_900)).toBeUndefined();
    expect(slotOf(fate, 6_000)).toMatchObject({ fresh: 1, failed: 1 });
  });

  it('has no other method, nothing of the warm-up, and nothing that was not sent', () => {
    const recorded = record({ fate: () => FRESH });
    for (const flow of recorded.header.traffic.flows) flow.method = 'POST';
    expect(foldOf(recorded).finish().getSlots).toEqual([]);
    const late = { kind: 'unsent', cause: 'late', detail: '' } as const;
    const blocked = { kind: 'blocked', status: 429, detail: '' } as const;
    const fate: Fate = ({ seq, dueAt }) =>
      dueAt < 1_000 ? FRESH : { ...FRESH, outcome: seq % 2 === 0 ? late : blocked };
    expect(buildRun({ fate }).getSlots).toEqual([]);
  });

  it('is the same for a run that is looked at on the way', () => {
    const recorded = record({ fate: () => FRESH });
    const fold = foldOf(recorded);
    fold.snapshot();
    expect(fold.finish().getSlots).toEqual(foldOf(recorded).finish().getSlots);
  });
});
