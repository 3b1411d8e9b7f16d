import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/model/outcome.js';
import { buildRun, lost, type PhasePlan, REFUSED, TIMEOUT, wrong } from './build-run.js';

const FLOWS = [
  { name: 'a', weight: 1 },
  { name: 'b', weight: 1 },
];

describe('outages', () => {
  it('last from the first failure to the next success of the flow: one interval for a single one', () => {
    const { outages } = buildRun({ fate: ({ seq }) => (seq === 450 ? { outcome: wrong(503) } : {}) });
    expect(outages).toHaveLength(1);
    expect(outages[0]).toMatchObject({
      startAt: 9_001,
      endAt: 9_021,
      recovered: true,
      kind: 'hard',
      failed: 1,
      byError: { 'unexpected-status': 1 },
      byStatus: { 503: 1 },
      streams: ['home'],
    });
    expect(outages[0]?.durationMs).toBeCloseTo(20, 9);
  });

  it('of flows that overlap are one, which ends at the first success of any after the last failure', () => {
    const { outages } = buildRun({
      flows: FLOWS,
      fate: ({ flow, dueAt }) => {
        const until = flow === 'a' ? 9_500 : 9_800;
        return dueAt >= 9_000 && dueAt < until ? { outcome: REFUSED } : {};
      },
    });
    expect(outages).toHaveLength(1);
    // The last failure is b's at 9,781; a succeeds at 9,801, b at 9,821.
    expect(outages[0]).toMatchObject({ startAt: 9_001, endAt: 9_801, kind: 'partial', streams: ['a', 'b'] });
  });

  it('of flows that do not overlap stay apart', () => {
    const { outages } = buildRun({
      flows: FLOWS,
      fate: ({ seq }) => (seq === 450 || seq === 475 ? { outcome: REFUSED } : {}),
    });
    expect(outages.map(({ streams }) => streams)).toEqual([['a'], ['b']]);
  });

  it('are partial where another flow succeeds inside', () => {
    const { outages } = buildRun({
      flows: FLOWS,
      fate: ({ flow, dueAt }) => (flow === 'a' && dueAt >= 9_000 && dueAt < 9_500 ? { outcome: REFUSED } : {}),
    });
    expect(outages[0]).toMatchObject({ kind: 'partial', streams: ['a'] });
  });

  it('that never recover last until the end of the traffic', () => {
    const { outages, durationMs } = buildRun({ fate: ({ dueAt }) => (dueAt >= 18_000 ? { outcome: REFUSED } : {}) });
    expect(outages[0]).toMatchObject({ startAt: 18_001, endAt: durationMs, recovered: false, kind: 'hard' });
  });

  it('that span two phases are listed once, with the phase of their first failure', () => {
    const { outages, phases } = buildRun({
      fate: ({ dueAt }) => (dueAt >= 8_500 && dueAt < 9_500 ? { outcome: REFUSED } : {}),
    });
    expect(outages).toHaveLength(1);
    expect(phases[outages[0]?.phase ?? -1]?.name).toBe('migrate');
    expect(phases[outages[0]?.last.phase ?? -1]?.name).toBe('reload');
  });

  it('neither begin nor end with a retryable loss', () => {
    const retryable = { outcome: { kind: 'retryable', cause: 'reset', status: null, detail: '' } as const };
    const only = buildRun({ fate: ({ seq }) => (seq === 450 ? retryable : {}) });
    expect(only.outages).toEqual([]);
    expect(only.cells.reduce((sum, cell) => sum + cell.retryable, 0)).toBe(1);
    const within = buildRun({ fate: ({ seq }) => (seq === 450 ? { outcome: REFUSED } : seq === 451 ? retryable : {}) });
    expect(within.outages[0]?.durationMs).toBeCloseTo(40, 9);
  });
});

describe('attribution', () => {
  const failedBy = (fate: Parameters<typeof buildRun>[0] & object) => {
    const { cells, phases } = buildRun(fate);
    return cells.filter(({ failed }) => failed > 0).map(({ phase }) => phases[phase]?.name);
  };

  it('goes by the time a request ended', () => {
    const fate = ({ dueAt }: { dueAt: number }) => (dueAt === 6_900 ? { outcome: lost('reset'), latencyMs: 150 } : {});
    expect(failedBy({ fate })).toEqual(['migrate']);
  });

  it('gives a timeout to the first step that began while it waited', () => {
    const fate = ({ dueAt }: { dueAt: number }) => (dueAt === 6_900 ? { outcome: TIMEOUT, latencyMs: 5000 } : {});
    expect(failedBy({ fate })).toEqual(['migrate']);
  });

  it('gives a timeout to the step of its due time where no other began', () => {
    const fate = ({ dueAt }: { dueAt: number }) => (dueAt === 9_100 ? { outcome: TIMEOUT, latencyMs: 4000 } : {});
    expect(failedBy({ fate })).toEqual(['reload']);
  });

  it('gives what ends after the last phase to the last phase with traffic', () => {
    const phases = [
      { name: 'baseline', kind: 'baseline', ms: 1000 },
      { name: 'reload', kind: 'reload', ms: 1000 },
      { name: 'clean', kind: 'teardown', ms: 1000 },
    ] as const;
    const fate = ({ dueAt }: { dueAt: number }) => (dueAt === 1_980 ? { outcome: lost('reset'), latencyMs: 5000 } : {});
    expect(failedBy({ phases: [...phases], fate })).toEqual(['reload']);
  });

  it('counts what was due in the warm-up and was cut by a step to that step, a timeout apart', () => {
    const cut = (outcome: Outcome) => ({
      phases: [
        { name: 'warmup', kind: 'warmup', ms: 1000 },
        { name: 'baseline', kind: 'baseline', ms: 1000 },
        { name: 'switch', kind: 'switch', ms: 2000 },
      ] satisfies PhasePlan[],
      fate: ({ dueAt }: { dueAt: number }) => (dueAt === 900 ? { outcome, latencyMs: 1200 } : {}),
    });
    expect(failedBy(cut(lost('reset')))).toEqual(['switch']);
    expect(buildRun(cut(lost('reset')))).toMatchObject({ warmup: { requests: 49, failed: 0 }, recordFaults: [] });
    expect(failedBy(cut(TIMEOUT))).toEqual([]);
  });

  it('counts warm-up arrivals apart, also where they end later', () => {
    const run = buildRun({
      fate: ({ phase, dueAt }) => (phase === 'warmup' ? { outcome: REFUSED, latencyMs: dueAt === 980 ? 3000 : 1 } : {}),
    });
    expect(run.warmup).toEqual({ requests: 50, failed: 50, unsent: 0 });
    expect(run.outages).toEqual([]);
    expect(run.failures).toEqual([]);
    expect(run.cells.reduce((sum, { requests }) => sum + requests, 0)).toBe(900);
    expect(run.recordFaults).toEqual([]);
  });
});
