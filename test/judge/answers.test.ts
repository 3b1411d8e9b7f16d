import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import { baselineFailures } from '../../src/judge/live.js';
import type { Outcome } from '../../src/model/outcome.js';
import { buildRun, type Fate, PHASES, REFUSED, threshold } from '../record/build-run.js';

const BLOCKED: Outcome = { kind: 'blocked', status: 429, detail: 'too many requests' };
const blockedIn =
  (step: string): Fate =>
  (a) =>
    a.phase === step && a.seq % 10 === 0 ? { outcome: BLOCKED } : {};

describe('answers of a rate limiter', () => {
  it('make a run inconclusive, and are neither good nor failed', () => {
    const run = buildRun({ fate: blockedIn('reload') });
    const judgement = judge(run);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98, healthy: true });
    expect(judgement.reasons[0]).toBe(
      '25 answers came from a rate limiter or firewall (429); allow the harness (its User-Agent carries the run id) or lower the rate',
    );
    expect(judgement.findings).toMatchObject([{ rule: 'blocked-answers', phase: 'reload' }]);
    const sums = run.cells.reduce(
      (sum, { requests, ok, failed, retryable, blocked }) => ({
        requests: sum.requests + requests,
        parts: sum.parts + ok + failed + retryable + blocked,
      }),
      { requests: 0, parts: 0 },
    );
    expect(sums).toEqual({ requests: 900, parts: 900 });
  });

  it('hide no failures beside them', () => {
    const fate: Fate = (a) =>
      a.phase === 'rollback' && a.seq % 50 === 1 ? { outcome: REFUSED } : blockedIn('reload')(a);
    expect(judge(buildRun({ fate }))).toMatchObject({ verdict: 'downtime', gate: 'fail', exitCode: 99 });
  });

  it('count for a threshold of their own', () => {
    const few = threshold('blocked', { aggregate: 'rate', comparison: '<', value: 0.01, expression: 'rate<0.01' });
    expect(judge(buildRun({ thresholds: [few], fate: blockedIn('reload') })).thresholds[0]).toMatchObject({
      ok: false,
    });
    expect(judge(buildRun({ thresholds: [few] })).thresholds[0]).toMatchObject({ actual: 0, ok: true });
  });

  it('alone are no baseline', () => {
    const run = buildRun({ phases: PHASES.slice(0, 2), fate: () => ({ outcome: BLOCKED }) });
    expect(baselineFailures(run)).toEqual([
      'a rate limiter or firewall blocked 250 of the 250 requests of the baseline, and none succeeded',
    ]);
  });
});

describe('answers of a cache', () => {
  const cached = (share: number, flow = 'home') =>
    judge(
      buildRun({
        flows: [
          { name: 'home', weight: 1 },
          { name: 'cart', weight: 1 },
        ],
        fate: (a) => ({ cached: a.flow === flow && Math.floor(a.seq / 2) % 100 < share * 100 }),
      }),
    );

  it('above 5 % of a flow make the run inconclusive, by its name', () => {
    const judgement = cached(0.06);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98, healthy: true });
    expect(judgement.reasons[0]).toMatch(/^5\.54 % of the requests of home were answered by a cache .*no-cache/);
    expect(judgement.findings).toMatchObject([{ rule: 'cached-answers', severity: 'note' }]);
  });

  it('below that prove nothing against it', () => {
    expect(cached(0.04)).toMatchObject({ verdict: 'zero-downtime', exitCode: 0, findings: [] });
  });
});
