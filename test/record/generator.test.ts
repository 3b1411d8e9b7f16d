import { describe, expect, it } from 'vitest';
import type { HarnessEvent, MachineEvent, RunEvent } from '../../src/model/event.js';
import { constantRate, type RateProfile } from '../../src/model/rate.js';
import { buildRun } from './build-run.js';

// Phases: warmup 0-1000, baseline -6000, build -7000, migrate -9000, reload -14000, rollback -19000.

const stream = (rate: RateProfile, name = '') => ({ name, rate });
const started: RunEvent = { type: 'traffic-started', at: 0, firstDueAt: 0, ratePerSec: 50 };

describe('arrivals due', () => {
  const dueOf = (plan: Parameters<typeof buildRun>[0]) => buildRun(plan).phases.map(({ due }) => due);

  it('are the sum of all streams', () => {
    const streams = [stream(constantRate(30)), stream(constantRate(20), 'checkout')];
    expect(dueOf({ streams })).toEqual([0, 250, 50, 100, 250, 250]);
  });

  it('follow changes of rate, and the way back to what the scenario says', () => {
    const rate = (from: number, ratePerSec: number | null): RunEvent => ({
      type: 'rate',
      ...{ at: from, from, stream: 0, ratePerSec },
    });
    // The record has no arrivals in the reload, so that the schedule alone says how many there were.
    const fate = ({ phase }: { phase: string }) => ({ skip: phase === 'reload' });
    const events = [rate(7_000, 10), rate(9_000, 200), rate(14_000, null)];
    const run = buildRun({ events, fate, ended: false, end: null });
    expect(run.phases.map(({ due, sampled }) => [due, sampled])).toEqual([
      [0, 0],
      [250, 250],
      [50, 50],
      [100, 100],
      [1000, 0],
      [250, 250],
    ]);
    expect(run.generator.targetRate).toBeCloseTo((250 + 50 + 20 + 1000 + 249) / 17.98, 1);
  });

  it('follow a ramp', () => {
    const ramp: RateProfile = [
      { at: 0, fromPerSec: 0, toPerSec: 100, forMs: 10_000 },
      { at: 10_000, fromPerSec: 100, toPerSec: 100, forMs: null },
    ];
    const due = dueOf({ streams: [stream(ramp)], fate: () => ({ skip: true }), ended: false, end: null });
    expect(due).toEqual([0, 175, 65, 160, 495, 500]);
  });

  it('of a random schedule are what the record has, and expected ones where it has none', () => {
    const skip = ({ dueAt }: { dueAt: number }) => ({ skip: dueAt >= 7_000 && dueAt < 9_000 });
    const { phases } = buildRun({ arrival: 'poisson', streams: [stream(constantRate(55))], fate: skip });
    expect(phases.map(({ due, sampled }) => [due, sampled])).toEqual([
      [0, 0],
      [250, 250],
      [50, 50],
      [110, 0],
      [250, 250],
      [250, 250],
    ]);
  });

  it('give the rate that was asked for', () => {
    expect(buildRun({ ratePerSec: 100, events: [started] }).generator.targetRate).toBe(100);
  });
});

describe('the sending threads about themselves', () => {
  const heard = (at: number, thread: number, rest: Partial<HarnessEvent> = {}): HarnessEvent => ({
    type: 'harness',
    ...{ at, thread, eventLoopDelayMs: { p99: 1, max: 2 }, inFlight: 5, openConnections: 3, cpu: 0.5 },
    ...{ gcMs: { max: 1, total: 2 }, ...rest },
  });

  it('are added up over the threads, from the end of the warm-up on', () => {
    const { generator } = buildRun({
      events: [
        heard(500, 0, { inFlight: 900, gcMs: { max: 90, total: 90 } }),
        heard(1_500, 0, { cpu: 0.4 }),
        heard(1_500, 1, { inFlight: 7 }),
        heard(2_500, 0, { cpu: 0.6, gcMs: { max: 4, total: 6 } }),
        heard(2_500, 1, { cpu: 0.6, eventLoopDelayMs: { p99: 3, max: 9 } }),
      ],
    });
    expect(generator).toMatchObject({
      peakInFlight: 12,
      gcMs: { max: 4, total: 12 },
      eventLoopDelayMs: { p99: 3, max: 9 },
    });
    expect(generator.cpu).toBeCloseTo((0.4 + 0.6 + 0.6) / 3, 9);
  });

  it('were paused once where the pauses of several threads overlap', () => {
    const pause = (from: number, at: number): RunEvent => ({ type: 'pause', from, at });
    const events = [
      pause(2_000, 2_100),
      pause(2_050, 2_200),
      pause(5_000, 5_100),
      pause(3_000, 3_010),
      pause(1_990, 2_300),
    ];
    expect(buildRun({ events }).generator.pauses).toEqual([
      { from: 1_990, to: 2_300 },
      { from: 3_000, to: 3_010 },
      { from: 5_000, to: 5_100 },
    ]);
  });

  it('keeps the longest pauses where there are more than it lists', () => {
    const short = Array.from(
      { length: 2500 },
      (_, n): RunEvent => ({ type: 'pause', of: 'probes', from: n, at: n + 0.5 }),
    );
    const events = [...short, { type: 'pause', of: 'probes', from: 3_000, at: 6_000 } satisfies RunEvent];
    const { probePauses } = buildRun({ events }).generator;
    expect([probePauses.length, probePauses.at(-1)]).toEqual([2000, { from: 3_000, to: 6_000 }]);
  });

  it('were asleep for the pauses that are not listed, too', () => {
    const events = Array.from({ length: 2500 }, (_, n): RunEvent => {
      const from = 2_000 + 4 * n;
      return { type: 'pause', thread: 0, from, at: from + 2 };
    });
    const [sender] = buildRun({ events }).generator.senders;
    expect([sender?.pauses.length, sender?.unlistedMs]).toEqual([2000, 1000]);
  });

  it('slept each for itself; a record that does not say which did means all', () => {
    const events: RunEvent[] = [
      { type: 'pause', thread: 1, from: 2_000, at: 2_100 },
      { type: 'pause', from: 3_000, at: 3_100 },
    ];
    const { pauses, senders } = buildRun({ events, threads: 2 }).generator;
    const both = { from: 3_000, to: 3_100 };
    const own = { from: 2_000, to: 2_100 };
    expect([pauses, ...senders.map((each) => each.pauses)]).toEqual([[own, both], [both], [own, both]]);
  });
});

describe('the machine', () => {
  const silent = { steal: null, throttledMs: null, cpuPressure: null, descriptors: null, ports: null, dns: null };
  const event = (at: number, rest: Partial<MachineEvent>): MachineEvent => ({
    type: 'machine',
    at,
    ...silent,
    ...rest,
  });

  it('is known by the worst it said from the end of the warm-up on', () => {
    const { generator } = buildRun({
      events: [
        event(500, { steal: 0.9, throttledMs: 999, dns: { ms: 900, error: 'ESERVFAIL' } }),
        event(1_500, { steal: 0.1, throttledMs: 5, ports: { used: 10, available: 100 }, dns: { ms: 3, error: null } }),
        event(2_500, { steal: 0.2, throttledMs: 7, cpuPressure: 0.3, descriptors: { open: 40, limit: 1024 } }),
        event(3_500, { ports: { used: 8, available: 100 }, dns: { ms: 50, error: 'ETIMEOUT' } }),
      ],
    });
    expect(generator.machine).toEqual({
      stealMax: 0.2,
      stolen: [
        { from: 500, to: 1_500, share: 0.1 },
        { from: 1_500, to: 2_500, share: 0.2 },
      ],
      throttledMs: 12,
      cpuPressureMax: 0.3,
      descriptors: { peak: 40, limit: 1024 },
      ports: { peak: 10, available: 100 },
      dns: { asked: 2, failed: 1, maxMs: 50, error: 'ETIMEOUT' },
    });
  });

  it('is unknown where the system does not say', () => {
    const unknown = {
      stealMax: null,
      stolen: [],
      throttledMs: null,
      cpuPressureMax: null,
      descriptors: null,
      ports: null,
      dns: null,
    };
    expect(buildRun({ events: [event(2_000, {})] }).generator.machine).toEqual(unknown);
  });
});
