import { describe, expect, it } from 'vitest';
import { provenMs } from '../../src/judge/evidence.js';
import { judge } from '../../src/judge/judge.js';
import type { Run, Stall } from '../../src/model/run.js';
import { senderOf } from '../../src/model/senders.js';
import { buildRun, type Fate, lost, OK, type PhasePlan, REFUSED, TIMEOUT } from './build-run.js';

/** The server answers nothing between these instants, then everything at once. */
const frozen = (from: number, to: number) => (dueAt: number) => (dueAt >= from - 1 && dueAt < to ? to - dueAt + 1 : 1);

describe('stalls', () => {
  it('measures a stall of 1 s at 50/s within one interval', () => {
    const wait = frozen(9_005, 10_005);
    const { stalls } = buildRun({ fate: ({ dueAt }) => ({ latencyMs: wait(dueAt) }) });
    expect(stalls).toHaveLength(1);
    expect(Math.abs((stalls[0]?.durationMs ?? 0) - 1000)).toBeLessThan(25);
    expect(stalls[0]?.recovered).toBe(true);
  });

  it('finds a stall whose arrivals all hang until their timeout, long after others succeed again', () => {
    const { stalls } = buildRun({
      fate: ({ dueAt }) => (dueAt >= 9_000 && dueAt < 10_000 ? { outcome: TIMEOUT, latencyMs: 5000 } : {}),
    });
    expect(stalls).toHaveLength(1);
    expect(stalls[0]).toMatchObject({ startAt: 9_000, endAt: 10_001 });
  });

  it('counts failures as no end of a stall', () => {
    const { stalls, outages } = buildRun({
      fate: ({ dueAt }) => (dueAt >= 9_000 && dueAt < 12_000 ? { outcome: REFUSED } : {}),
    });
    expect(stalls[0]).toMatchObject({ startAt: 9_000, endAt: 12_001, durationMs: 3001 });
    expect(outages[0]).toMatchObject({ startAt: 9_001, endAt: 12_001, kind: 'hard' });
  });

  it('does not take the idle wait of a sparse flow for a stall', () => {
    const { stalls, baselineStallMs } = buildRun({ ratePerSec: 1, fate: () => ({ latencyMs: 8 }) });
    expect(stalls).toEqual([]);
    expect(baselineStallMs).toEqual({ home: 8 });
  });

  it('does not take one hanging request for a stall where others of its flow succeed', () => {
    const { stalls } = buildRun({
      fate: ({ dueAt }) => (dueAt === 9_000 ? { outcome: OK, latencyMs: 4000 } : {}),
    });
    expect(stalls).toEqual([]);
  });

  it('merges the stalls of flows that overlap, with the length of the longest of them', () => {
    const wait = { a: frozen(9_000, 10_000), b: frozen(9_500, 11_000) };
    const { stalls } = buildRun({
      flows: [
        { name: 'a', weight: 1 },
        { name: 'b', weight: 1 },
      ],
      fate: ({ flow, dueAt }) => ({ latencyMs: wait[flow as 'a' | 'b'](dueAt) }),
    });
    expect(stalls).toHaveLength(1);
    expect(stalls[0]?.streams).toEqual(['b', 'a']);
    expect(Math.abs((stalls[0]?.durationMs ?? 0) - 1500)).toBeLessThan(45);
  });

  it('lets a stall that never ends last until the end of the traffic', () => {
    const { stalls, durationMs } = buildRun({
      fate: ({ dueAt }) => (dueAt >= 17_000 ? { outcome: TIMEOUT, latencyMs: 5000 } : {}),
    });
    expect(stalls[0]).toMatchObject({ startAt: 17_000, endAt: durationMs, recovered: false });
  });

  it('attributes a stall to the step that began just after its first arrival was due', () => {
    const wait = frozen(7_000, 9_500);
    const { stalls, phases } = buildRun({
      fate: ({ dueAt }) => ({ latencyMs: dueAt === 6_980 ? 2_521 : wait(dueAt) }),
    });
    expect(stalls[0]?.startAt).toBe(6_980);
    expect(phases[stalls[0]?.phase ?? -1]?.name).toBe('migrate');
  });

  it('gives the step, not the baseline, a freeze that a slow sparse flow was already waiting in', () => {
    const phases: PhasePlan[] = [
      { name: 'baseline', kind: 'baseline', ms: 20_400 },
      { name: 'switch', ms: 20_000 },
    ];
    const fate: Fate = ({ dueAt }) => ({ latencyMs: dueAt >= 20_000 && dueAt < 29_100 ? 30_000 - dueAt : 900 });
    const run = buildRun({ ratePerSec: 1, phases, fate });
    expect(run.baselineStallMs.home).toBeLessThan(1000);
    expect(run.stalls).toMatchObject([{ startAt: 20_000, endAt: 30_000, phase: 1 }]);
    expect(judge(run).verdict).toBe('downtime');
  });

  it('leaves the baseline what was longer than usual before the first step, and that baseline proves nothing', () => {
    const wait = frozen(5_700, 6_800);
    const run = buildRun({ fate: ({ dueAt }) => ({ latencyMs: wait(dueAt) }) });
    expect(run.stalls).toEqual([]);
    expect(judge(run)).toMatchObject({ verdict: 'inconclusive', exitCode: 98, healthy: true });
  });

  it('leaves the baseline what mostly lies in it', () => {
    const wait = frozen(5_000, 6_900);
    const run = buildRun({ fate: ({ dueAt }) => ({ latencyMs: wait(dueAt) }) });
    expect(run.stalls).toEqual([]);
    expect(run.baselineStallMs.home).toBeCloseTo(1901, 6);
  });

  it('says how much of a stall the harness itself was not running', () => {
    const wait = frozen(9_000, 11_000);
    const { stalls } = buildRun({
      fate: ({ dueAt }) => ({ latencyMs: wait(dueAt) }),
      events: [
        { type: 'pause', from: 9_200, at: 10_000 },
        { type: 'pause', from: 9_900, at: 10_200 },
      ],
    });
    expect(stalls[0]?.harnessMs).toBe(1000);
  });

  it('is excused by no pause of a thread beside which another one waited', () => {
    const wait = frozen(9_000, 10_300);
    const run = buildRun({
      threads: 2,
      fate: ({ dueAt }) => ({ latencyMs: wait(dueAt) }),
      events: [{ type: 'pause', thread: 0, from: 9_400, at: 9_800 }],
    });
    expect(run.stalls[0]?.durationMs).toBeCloseTo(1301, 6);
    expect(run.stalls[0]?.harnessMs).toBeLessThan(100);
    expect(judge(run).verdict).toBe('downtime');
  });

  it('of a sparse flow is in doubt where the thread of its only arrival was not running', () => {
    const phases: PhasePlan[] = [
      { name: 'baseline', kind: 'baseline', ms: 20_000 },
      { name: 'switch', ms: 40_000 },
    ];
    const seq = 15;
    const own = senderOf(seq, 2);
    const judged = (thread: number) => {
      const run = buildRun({
        ratePerSec: 0.5,
        threads: 2,
        phases,
        fate: (arrival) => ({ latencyMs: arrival.seq === seq ? 1300 : 8 }),
        events: [{ type: 'pause', thread, from: 30_400, at: 30_800 }],
      });
      return [run.stalls[0]?.harnessMs, judge(run).verdict];
    };
    expect(judged(own)).toEqual([400, 'inconclusive']);
    expect(judged(1 - own)).toEqual([0, 'downtime']);
  });

  it('of several flows is that of one that another thread proves, not a longer one in doubt', () => {
    const flows = [
      { name: 'busy', weight: 99 },
      { name: 'rare', weight: 1 },
    ];
    const rare = 499;
    const own = senderOf(rare, 2);
    const wait = frozen(10_000, 11_280);
    const run = buildRun({
      flows,
      threads: 2,
      fate: ({ seq, dueAt }) => ({ latencyMs: seq === rare ? 1301 : wait(dueAt) }),
      events: [{ type: 'pause', thread: own, from: 10_400, at: 10_800 }],
    });
    expect(run.stalls).toMatchObject([{ streams: ['busy', 'rare'], parts: [{ harnessMs: 400 }, {}] }]);
    expect(judge(run).verdict).toBe('downtime');
  });

  it('is no more excused by the control while a thread slept that excuses nothing', () => {
    const wait = frozen(9_000, 12_000);
    const run = buildRun({
      threads: 2,
      fate: ({ dueAt }) => ({ latencyMs: wait(dueAt) }),
      events: [{ type: 'pause', thread: 0, from: 9_100, at: 11_900 }],
    });
    const control = { probe: 'control', failing: [{ from: 10_400, to: 10_600 }] };
    const beside = { ...run, probes: [control] } as unknown as Run;
    const [stall] = run.stalls as [Stall];
    expect(provenMs(beside, stall)).toBeCloseTo(stall.durationMs - stall.harnessMs - 2200, 6);
  });

  it('holds a flow that is slow by nature against its own baseline', () => {
    const slow = { ratePerSec: 1, fate: () => ({ latencyMs: 700 }) };
    expect(buildRun(slow)).toMatchObject({ stalls: [], baselineStallMs: { home: 700 } });
    const slower = buildRun({ ...slow, fate: ({ phase }) => ({ latencyMs: phase === 'reload' ? 900 : 700 }) });
    expect(slower.stalls.map(({ durationMs }) => durationMs)).toContain(900);
  });

  it('keeps the same stalls when a snapshot was taken in between', () => {
    const fate = ({ dueAt }: { dueAt: number }) =>
      dueAt >= 9_000 && dueAt < 10_000 ? { outcome: lost('reset'), latencyMs: 3 } : {};
    expect(buildRun({ fate }).stalls[0]).toMatchObject({ startAt: 9_000, endAt: 10_001 });
  });
});
