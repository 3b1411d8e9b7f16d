import { describe, expect, it } from 'vitest';
import { buildRun, lost, OK, REFUSED, TIMEOUT } from './build-run.js';

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
