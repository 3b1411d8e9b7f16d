import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/model/outcome.js';
import { isFailure } from '../../src/model/outcome.js';
import { DEFAULTS, foldOf, OK, PHASES, REFUSED, record, threshold } from './build-run.js';

/** The same questions answered with every sample at hand, the slow and obvious way. */

const SHORT = PHASES.map((phase) => ({ ...phase, ms: phase.ms / 5 }));
const RETRYABLE: Outcome = { kind: 'retryable', cause: 'reset', status: null, detail: '' };
const UNSENT: Outcome = { kind: 'unsent', cause: 'late', detail: '' };

const fate = fc.record({
  outcome: fc.oneof({ weight: 12, arbitrary: fc.constant(OK) }, fc.constantFrom(REFUSED, RETRYABLE, UNSENT)),
  latencyMs: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 30 }) }, fc.integer({ min: 1, max: 900 })),
});
const fates = fc.array(fate, { minLength: 3, maxLength: 190 });
const thresholds = [...DEFAULTS, threshold('stall', { comparison: '<', value: 100, level: 'warn' })];

describe('the incremental folds', () => {
  it('find the stalls that a look at all samples finds', () => {
    fc.assert(
      fc.property(fates, (list) => {
        const recorded = record({ phases: SHORT, thresholds, fate: ({ seq }) => list[seq % list.length] ?? {} });
        const run = foldOf(recorded).finish();
        const judged = recorded.samples.filter(({ dueAt }) => dueAt >= 200);
        const trafficEnd = Math.max(run.durationMs, ...judged.map(({ endedAt }) => endedAt));
        const successes = judged.filter(({ outcome }) => outcome.kind === 'ok').map(({ endedAt }) => endedAt);
        const byEnd = new Map<number, number>();
        for (const { dueAt, outcome } of judged) {
          if (outcome.kind === 'unsent') continue;
          const end = Math.min(trafficEnd, ...successes.filter((endedAt) => endedAt > dueAt));
          byEnd.set(end, Math.min(byEnd.get(end) ?? Number.POSITIVE_INFINITY, dueAt));
        }
        const windows = [...byEnd].map(([endAt, startAt]) => ({ startAt, endAt, ms: endAt - startAt }));
        const usual = Math.max(0, ...windows.filter(({ endAt }) => endAt <= 1200).map(({ ms }) => ms));
        const inBaseline = ({ startAt, ms }: { startAt: number; ms: number }) => {
          const isMostlyAfter = startAt + ms - 1200 > 1200 - startAt && startAt + usual >= 1200;
          return startAt + Math.min(250, ms / 10) < 1200 && !isMostlyAfter;
        };
        const baseline = Math.max(0, ...windows.filter(inBaseline).map(({ ms }) => ms));
        expect(run.baselineStallMs.home).toBeCloseTo(baseline, 6);
        const listed = windows
          .filter((window) => !inBaseline(window) && window.ms > Math.max(50, baseline > 50 ? baseline : 0))
          .sort((a, b) => a.startAt - b.startAt);
        expect(run.stalls.map(({ startAt, endAt }) => [startAt, endAt])).toEqual(
          listed.map(({ startAt, endAt }) => [startAt, endAt]),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('find the outages that a look at all samples finds', () => {
    fc.assert(
      fc.property(fates, (list) => {
        const recorded = record({ phases: SHORT, fate: ({ seq }) => list[seq % list.length] ?? {} });
        const run = foldOf(recorded).finish();
        const judged = recorded.samples.filter(({ dueAt }) => dueAt >= 200);
        const successes = judged.filter(({ outcome }) => outcome.kind === 'ok').map(({ endedAt }) => endedAt);
        const ends = new Map<number, number>();
        for (const { endedAt, outcome } of judged) {
          if (!isFailure(outcome)) continue;
          const end = Math.min(Number.POSITIVE_INFINITY, ...successes.filter((at) => at > endedAt));
          ends.set(end, Math.min(ends.get(end) ?? Number.POSITIVE_INFINITY, endedAt));
        }
        const expected = [...ends].map(([end, start]) => [start, end]).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
        expect(run.outages.map(({ startAt, endAt, recovered }) => [startAt, recovered ? endAt : Infinity])).toEqual(
          expected,
        );
      }),
      { numRuns: 100 },
    );
  });
});
