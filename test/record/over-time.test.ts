import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/model/outcome.js';
import type { Series } from '../../src/model/over-time.js';
import type { Run } from '../../src/model/run.js';
import { sumTallies } from '../../src/model/tally.js';
import { attributed } from '../../src/record/fold/attribution.js';
import { createOverTimeLog } from '../../src/record/fold/over-time.js';
import { buildRun, foldOf, lost, OK, PHASES, REFUSED, record, sample, TIMEOUT, wrong } from './build-run.js';

const RETRYABLE: Outcome = { kind: 'retryable', cause: 'closed', status: null, detail: '' };
const BLOCKED: Outcome = { kind: 'blocked', status: 429, detail: '' };
const UNSENT: Outcome = { kind: 'unsent', cause: 'late', detail: '' };
const OUTCOMES = [OK, REFUSED, TIMEOUT, lost('reset'), wrong(500), wrong(502), RETRYABLE, BLOCKED, UNSENT];

/** A fifth of the usual time: the warm-up lasts 200 ms, the baseline until 1.2 s. */
const SHORT = PHASES.map((phase) => ({ ...phase, ms: phase.ms / 5 }));
const FLOWS = [
  { name: 'home', weight: 2 },
  { name: 'items', weight: 1 },
];

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
const highest = (times: Series['maxMs']) => Math.max(...times.map((ms) => ms ?? 0));

/** The log alone: requests of one flow that end at the given times. */
function logOf(requests: { at: number; ms?: number; outcome?: Outcome }[], flows = ['home'], timeoutMs = 5000) {
  const log = createOverTimeLog(flows, timeoutMs);
  requests.forEach(({ at, ms = 1, outcome = OK }, seq) => {
    log.sample(attributed(sample({ seq, dueAt: at - ms, endedAt: at, outcome }), seq % flows.length, 0, at));
  });
  return log.overTime();
}

/** Where the successes of a map lie: class limits and counts. */
function classesOf({ overTime: { latencies } }: Pick<Run, 'overTime'>): [number, number][] {
  return latencies.limitsMs.flatMap((limit, row): [number, number][] => {
    const count = total(latencies.ok.map((column) => column[row] ?? 0));
    return count === 0 ? [] : [[limit, count]];
  });
}

describe('what was judged over the time of a run', () => {
  it('has as many requests as the cells, for every mix of outcomes', () => {
    const fates = fc.array(
      fc.record({
        outcome: fc.constantFrom(...OUTCOMES),
        latencyMs: fc.integer({ min: 0, max: 400 }),
        connection: fc.constantFrom('fresh', 'reused'),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(fates, (list) => {
        const run = buildRun({ phases: SHORT, flows: FLOWS, fate: ({ seq }) => list[seq % list.length] ?? {} });
        const { latencies, statuses, series } = run.overTime;
        const all = sumTallies(run.cells);
        expect(total(latencies.ok.map(total))).toBe(all.ok);
        expect(total(latencies.failed)).toBe(all.failed);
        expect(total(latencies.retryable)).toBe(all.retryable);
        const byStatus = statuses.statuses.map(({ status, counts }) => [String(status), total(counts)]);
        expect(Object.fromEntries(byStatus)).toEqual(all.byStatus);
        expect(total(byStatus.map(([, count]) => Number(count))) + total(statuses.none)).toBe(all.requests);
        for (const { flow, requests, failed } of series.flows) {
          const own = sumTallies(run.cells.filter((cell) => cell.flow === flow));
          expect([total(requests), total(failed)]).toEqual([own.requests, own.failed]);
        }
        for (const { connection, requests, failed } of series.connections) {
          const own = sumTallies(run.cells.filter((cell) => cell.connection === connection));
          expect([total(requests), total(failed)]).toEqual([own.requests, own.failed]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('puts failures into a row of their own, whatever they took', () => {
    const { overTime } = buildRun({
      phases: SHORT,
      fate: ({ seq }) => (seq % 2 === 0 ? { outcome: REFUSED, latencyMs: 1 } : { latencyMs: 10 }),
    });
    expect(classesOf({ overTime }).map(([limit]) => limit)).toEqual([10]);
    expect(total(overTime.latencies.failed)).toBeGreaterThan(0);
    expect(overTime.series.flows[0]?.p50Ms.every((ms) => ms === null || ms === 5000 || ms < 11)).toBe(true);
    expect(highest(overTime.series.flows[0]?.maxMs ?? [])).toBe(5000);
  });

  it('begins a class at its limit, and has a class for what is faster or slower than all of them', () => {
    const times = [0.05, 0.1, 0.124, 0.125, 9.99, 10, 12.4, 12.5, 80_000, 300_000];
    const overTime = logOf(times.map((ms) => ({ at: 400_000, ms })));
    expect(classesOf({ overTime })).toEqual([
      [0, 1],
      [0.1, 2],
      [0.125, 1],
      [8, 1],
      [10, 2],
      [12.5, 1],
      [80_000, 2],
    ]);
  });

  it('gives quantiles of each second within one per cent', () => {
    const overTime = logOf(Array.from({ length: 1000 }, (_, i) => ({ at: 1000 + i, ms: (i + 1) / 2 })));
    const [home] = overTime.series.flows;
    expect(home?.requests).toEqual([1000]);
    expect(home?.p50Ms[0]).toBeCloseTo(250, -1);
    expect(Math.abs((home?.p50Ms[0] ?? 0) / 250 - 1)).toBeLessThan(0.01);
    expect(Math.abs((home?.p99Ms[0] ?? 0) / 495 - 1)).toBeLessThan(0.01);
    expect(home?.maxMs).toEqual([500]);
  });

  it('leaves what was blocked out of latencies, and in the counts', () => {
    const overTime = logOf([{ at: 1500, outcome: BLOCKED }]);
    expect(overTime.latencies.ok).toEqual([]);
    expect(overTime.series.flows[0]).toMatchObject({ requests: [1], failed: [0], p50Ms: [null], maxMs: [null] });
    expect(overTime.statuses.statuses).toEqual([{ status: 429, counts: [1] }]);
  });

  it('has no columns where nothing was judged, and nothing of the warm-up', () => {
    const { latencies, series, statuses } = buildRun({ fate: ({ dueAt }) => ({ skip: dueAt >= 1000 }) }).overTime;
    expect(latencies).toMatchObject({ ok: [], failed: [], retryable: [] });
    expect(statuses).toMatchObject({ statuses: [], others: [], none: [] });
    expect(series.flows.map(({ requests }) => requests)).toEqual([[]]);
  });

  it('has columns from the first request on, as long as they have to be', () => {
    const early = logOf([{ at: 3_600_050 }, { at: 3_600_250 }]);
    expect(early.latencies).toMatchObject({ fromMs: 3_600_000, columnMs: 100 });
    expect(early.latencies.ok.map(total)).toEqual([1, 0, 1]);
    const atEnd = logOf([{ at: 0 }, { at: 39_999 }]);
    expect([atEnd.latencies.columnMs, atEnd.latencies.ok.length]).toEqual([100, 400]);
    const beyond = logOf([{ at: 0 }, { at: 40_000 }]);
    expect([beyond.latencies.columnMs, beyond.latencies.ok.length]).toEqual([200, 201]);
  });

  it('joins columns where the run grows, without losing a request or a slow second', () => {
    const hours = Array.from({ length: 10_801 }, (_, second) => ({
      at: second * 1000,
      ms: second === 17 ? 900 : 3,
      outcome: second === 5001 ? wrong(503) : OK,
    }));
    const { latencies, series, statuses } = logOf(hours, ['home'], 1);
    expect(latencies.ok.length).toBeLessThanOrEqual(400);
    expect(latencies.ok.length).toBeGreaterThan(200);
    expect(total(latencies.ok.map(total))).toBe(10_800);
    expect(latencies.failed.filter((count) => count > 0)).toEqual([1]);
    const [home] = series.flows;
    expect(home?.requests.length).toBeLessThanOrEqual(600);
    expect(total(home?.requests ?? [])).toBe(10_801);
    expect(home?.maxMs[Math.floor(17_000 / series.columnMs)]).toBe(900);
    expect(home?.p50Ms.filter((ms) => (ms ?? 0) > 100)).toHaveLength(1);
    const [, unavailable] = statuses.statuses;
    expect(unavailable?.counts[Math.floor(5_001_000 / statuses.columnMs)]).toBe(1);
  });

  it('tells twelve statuses apart, and counts the others together', () => {
    const requests = Array.from({ length: 30 }, (_, i) => ({ at: 1000 + i, outcome: wrong(500 + i) }));
    const { statuses } = logOf([...requests, { at: 1040, outcome: REFUSED }]);
    expect(statuses.statuses.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, (_, i) => 500 + i));
    expect([total(statuses.others), total(statuses.none)]).toEqual([18, 1]);
  });

  it('has series for the first fifty flows, and all of them by connection', () => {
    const flows = Array.from({ length: 60 }, (_, i) => `flow ${i}`);
    const { series } = logOf(
      flows.map((_, i) => ({ at: 1000 + i })),
      flows,
    );
    expect(series.flows.map(({ flow }) => flow)).toEqual(flows.slice(0, 50));
    expect(total(series.connections.map(({ requests }) => total(requests)))).toBe(60);
  });

  it('is the same for a run that is looked at on the way', () => {
    const recorded = record({ phases: SHORT, fate: ({ seq }) => ({ latencyMs: 1 + (seq % 50) }) });
    const whole = foldOf(recorded).finish().overTime;
    const fold = foldOf({ ...recorded, samples: recorded.samples.slice(0, 100) });
    fold.snapshot();
    fold.snapshot();
    for (const item of recorded.samples.slice(100)) fold.sample(item);
    expect(fold.finish().overTime).toEqual(whole);
  });
});
