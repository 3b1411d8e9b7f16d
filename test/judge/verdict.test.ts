import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import type { DecisionEvent, ReleaseState, RunEvent } from '../../src/model/event.js';
import type { Outcome } from '../../src/model/outcome.js';
import { senderOf } from '../../src/model/senders.js';
import {
  buildRun,
  DEFAULTS,
  type Fate,
  goodVersion,
  lost,
  PHASES,
  REFUSED,
  TIMEOUT,
  threshold,
  wrong,
} from '../record/build-run.js';

const decision = (cause: DecisionEvent['cause'], rest: Partial<DecisionEvent> = {}): DecisionEvent => ({
  type: 'decision',
  at: 8_000,
  cause,
  action: 'rollback',
  detail: `because of ${cause}`,
  ...rest,
});

const failing = (phase: string) => (a: { phase: string; seq: number }) =>
  a.phase === phase && a.seq % 50 === 0 ? { outcome: REFUSED } : {};

describe('the reasons', () => {
  it('name the statuses that were not expected, the most first', () => {
    const reasons = (every: number) =>
      judge(
        buildRun({
          fate: ({ phase, seq }) =>
            phase === 'reload' && seq % every === 0 ? { outcome: wrong(seq % 3 === 0 ? 503 : 502) } : {},
        }),
      ).reasons;
    expect(reasons(10)).toContain('25 failed in reload: 16 × 502, 9 × 503');
  });

  it('say that a latency is that of failures where it is their time-out', () => {
    const { reasons, thresholds } = judge(
      buildRun({
        ratePerSec: 100,
        fate: ({ phase, seq }) => (phase === 'reload' && seq % 10 === 0 ? { outcome: REFUSED } : {}),
      }),
    );
    expect(reasons.find((reason) => reason.startsWith('latency'))).toMatch(
      /^latency is 5\.0 s \(a failed request counts as its time-out of 5\.0 s\), and the threshold is p\(99\)<2\*baseline/,
    );
    expect(thresholds.find(({ metric, ok }) => metric === 'latency' && ok === false)?.note).toContain('time-out');
  });
});

describe('a good release', () => {
  it('is zero downtime within its bound, and passes', () => {
    const judgement = judge(buildRun());
    expect(judgement).toMatchObject({
      verdict: 'zero-downtime',
      release: 'completed',
      gate: 'pass',
      exitCode: 0,
      healthy: true,
      harnessReasons: [],
      servesNow: 'v1',
      changeVerified: true,
      bound: { requests: 650, failures: 0 },
    });
    expect(judgement.bound.shortestDetectableOutageMs).toBeCloseTo(20, 6);
    expect(judgement.headline).toBe(
      'Zero downtime: 0 of 650 requests failed (at most 0.46 %, 95 %); an outage of 20 ms or more would have been seen',
    );
  });

  it('is judged the same, byte for byte, however often', () => {
    const run = buildRun({ fate: failing('reload') });
    expect(JSON.stringify(judge(run))).toBe(JSON.stringify(judge(run)));
    expect(JSON.stringify(judge(buildRun({ fate: failing('reload') })))).toBe(JSON.stringify(judge(run)));
  });

  it('says that the change is not verified where no version is declared', () => {
    const judgement = judge(buildRun({ version: { declared: false, changes: true }, fate: () => ({ version: null }) }));
    expect(judgement).toMatchObject({ verdict: 'zero-downtime', exitCode: 0, changeVerified: null });
    expect(judgement.headline).toContain('change not verified');
  });
});

describe('downtime', () => {
  it('is any failed request from the first step on', () => {
    const judgement = judge(buildRun({ fate: failing('reload') }));
    expect(judgement).toMatchObject({ verdict: 'downtime', gate: 'fail', exitCode: 99, release: 'completed' });
    expect(judgement.headline).toBe(
      '5 of 650 requests failed, all in reload; longest outage 20 ms; rolled back cleanly',
    );
    expect(judgement.reasons[0]).toBe('5 of 650 requests failed, all in reload');
    expect(judgement.findings).toContainEqual(expect.objectContaining({ rule: 'failing-step', phase: 'reload' }));
  });

  it('is not what failed before any step', () => {
    const lenient = [threshold('http_req_failed', { aggregate: 'rate', comparison: '<', value: 0.05 })];
    const judgement = judge(buildRun({ fate: failing('baseline'), thresholds: lenient }));
    expect(judgement).toMatchObject({ verdict: 'zero-downtime', exitCode: 0 });
    expect(judgement.findings[0]).toMatchObject({ rule: 'pre-existing-failures', severity: 'note' });
  });

  it('within the budget passes the gate, and is still called downtime', () => {
    const thresholds = [
      threshold('http_req_failed', { aggregate: 'rate', comparison: '<', value: 0.05, expression: 'rate<0.05' }),
      threshold('conn_errors', { aggregate: 'count', level: 'warn', expression: 'count==0', origin: 'default' }),
      threshold('outage', { level: 'warn', origin: 'default' }),
    ];
    const judgement = judge(buildRun({ fate: failing('reload'), thresholds }));
    expect(judgement).toMatchObject({ verdict: 'downtime', gate: 'pass', exitCode: 0 });
    expect(judgement.headline).toMatch(/^Downtime within budget: 5 of 650 requests failed, all in reload/);
    expect(judgement.reasons).toContain('warning: conn_errors is 5, and the threshold is count==0');
  });

  it('is a stall over the limit without one failed request', () => {
    const judgement = judge(
      buildRun({
        fate: ({ dueAt }) => ({ latencyMs: dueAt >= 7_200 && dueAt < 8_700 ? 8_701 - dueAt : 1 }),
      }),
    );
    expect(judgement).toMatchObject({ verdict: 'downtime', exitCode: 99 });
    expect(judgement.headline).toContain('no request succeeded for 1.5 s in migrate');
    expect(judgement.findings).toContainEqual(expect.objectContaining({ rule: 'stalled-step', phase: 'migrate' }));
  });

  it.each(['unsent', 'cut', 'fault', 'version'])('beats %s', (doubt) => {
    const judgement = judge(
      buildRun({
        fate: (a) => {
          if (doubt === 'unsent' && a.seq === 400) return { outcome: { kind: 'unsent', cause: 'cap', detail: '' } };
          return { ...failing('reload')(a), ...(doubt === 'version' ? { version: 'v1' } : {}) };
        },
        ...(doubt === 'cut' ? { end: null } : {}),
        ...(doubt === 'fault' ? { end: { faults: ['the disk is full'] } } : {}),
      }),
    );
    expect(judgement).toMatchObject({ verdict: 'downtime', gate: 'fail', exitCode: 99 });
  });
});

describe('a run is inconclusive', () => {
  it('where anything was not sent', () => {
    const judgement = judge(
      buildRun({
        fate: ({ seq }) => (seq === 400 ? { outcome: { kind: 'unsent', cause: 'cap', detail: '' } } : {}),
      }),
    );
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98, healthy: false });
    expect(judgement.harnessReasons).toEqual([expect.stringMatching(/^1 of 900 arrivals were not sent \(cap\) in /)]);
  });

  it('where nothing was sent for over half the stall limit', () => {
    const late = ({ dueAt }: { dueAt: number }) =>
      dueAt >= 9_000 && dueAt < 9_600 ? { lateMs: 9_600 - dueAt, latencyMs: 9_601 - dueAt } : {};
    const judgement = judge(buildRun({ fate: late }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98 });
    expect(judgement.harnessReasons[0]).toBe('nothing was sent for 620 ms, over half the stall limit of 1.0 s');
  });

  it('where the gap between sends is over the outage limit asked for', () => {
    const thresholds = [...DEFAULTS, threshold('outage', { comparison: '<', value: 10, expression: 'max<10' })];
    const judgement = judge(buildRun({ thresholds }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98 });
    expect(judgement.reasons[0]).toContain('over the outage limit');
  });

  it('where the declared version never changed', () => {
    const judgement = judge(buildRun({ fate: () => ({ version: 'v1' }) }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98, changeVerified: false, healthy: true });
    expect(judgement.headline).toBe('Inconclusive: the version never changed (v1 before and after)');
  });

  it('where the version never came back', () => {
    const judgement = judge(
      buildRun({
        fate: ({ phase }) => ({ version: phase === 'rollback' ? 'v2' : goodVersion(phase) }),
        end: { servesNow: 'v2' },
      }),
    );
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98, changeVerified: false });
    expect(judgement.headline).toContain('never came back');
  });

  it('where the harness reported a fault, with the code of a fault', () => {
    expect(judge(buildRun({ end: { faults: ['a reporter crashed'] } }))).toMatchObject({
      verdict: 'inconclusive',
      gate: 'inconclusive',
      exitCode: 1,
      healthy: false,
    });
  });

  it('where the run was cut', () => {
    expect(judge(buildRun({ end: null }))).toMatchObject({ verdict: 'inconclusive', exitCode: 98, release: 'aborted' });
  });

  it('where the record contradicts itself', () => {
    const judgement = judge(buildRun({ fate: ({ seq }) => ({ skip: seq === 500 }) }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98, healthy: false });
    expect(judgement.harnessReasons[0]).toContain('1 arrivals of the schedule are missing');
  });

  it('where nothing was measured after the baseline', () => {
    const judgement = judge(buildRun({ phases: PHASES.slice(0, 2) }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98 });
  });

  it("where the samples cannot support a user's threshold, and not where they cannot support a default", () => {
    const latency = { aggregate: { p: 99.9 }, comparison: '<', value: 500, expression: 'p(99.9)<500' } as const;
    const by = (origin: 'user' | 'default') =>
      judge(buildRun({ thresholds: [...DEFAULTS, threshold('latency', { ...latency, origin })] }));
    expect(by('user')).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98, healthy: true });
    expect(by('default')).toMatchObject({ verdict: 'zero-downtime', gate: 'pass', exitCode: 0 });
  });

  it('where every failure is a timeout during which the harness itself did not run', () => {
    const judgement = judge(
      buildRun({
        fate: ({ seq }) => (seq === 450 ? { outcome: TIMEOUT, latencyMs: 5000 } : {}),
        events: [{ type: 'pause', from: 9_100, at: 13_900 }],
      }),
    );
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98, healthy: false });
    expect(judgement.thresholds.find(({ metric }) => metric === 'http_req_failed')?.ok).toBeNull();
  });

  it('but not where the failures came from the other side while the harness slept', () => {
    const judgement = judge(
      buildRun({
        fate: ({ seq }) => (seq === 450 ? { outcome: lost('reset'), latencyMs: 5000 } : {}),
        events: [{ type: 'pause', from: 9_100, at: 13_900 }],
      }),
    );
    expect(judgement).toMatchObject({ verdict: 'downtime', exitCode: 99 });
  });

  /** The harness sleeps until just before the request that is due at 9 s, which is lost. */
  const closed = (part: ReturnType<Fate>, { fromMs = 8_000, thread = 0, threads = 1, others = 20 } = {}) =>
    judge(
      buildRun({
        threads,
        fate: ({ seq }) => (seq === 450 ? { outcome: lost('reset'), idleMs: 1_000, ...part } : { idleMs: others }),
        events: [{ type: 'pause', thread, from: fromMs, at: 8_990 }],
      }),
    );

  it('where every failure is a close of a connection that was idle because the harness slept', () => {
    const judgement = closed({});
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98, healthy: false });
    expect(judgement.thresholds.find(({ metric }) => metric === 'conn_errors')?.ok).toBeNull();
  });

  it('so is one that was announced by HTTP/2, and one whose idle time began before an answer was read late', () => {
    expect(closed({ outcome: lost('goaway') }).verdict).toBe('inconclusive');
    expect(closed({ idleMs: 30 }).verdict).toBe('inconclusive');
  });

  it.each([
    ['the connection was fresh', { connection: 'fresh', idleMs: 0 }, {}],
    ['it would have been idle for long without the sleep', { idleMs: 3_000 }, {}],
    ['the request had been under way for a while', { latencyMs: 900 }, {}],
    ['no idle timeout is that short', { idleMs: 310 }, { fromMs: 8_700 }],
    ['another connection was idle for longer, and was answered', {}, { others: 1_200 }],
    ['another thread slept', {}, { threads: 2, thread: 1 - senderOf(450, 2) }],
  ] as const)('but not where %s', (_, part, more) => {
    expect(closed(part, more)).toMatchObject({ verdict: 'downtime', exitCode: 99 });
  });

  it('nor is it a proof of more where a connection was answered that the same sleep had kept idle for longer', () => {
    const judgement = judge(
      buildRun({
        fate: ({ seq }) => {
          if (seq === 450) return { idleMs: 1_020 };
          return seq === 451 ? { outcome: lost('reset'), idleMs: 1_000 } : {};
        },
        events: [{ type: 'pause', thread: 0, from: 8_000, at: 9_015 }],
      }),
    );
    expect(judgement.verdict).toBe('inconclusive');
  });

  it('a timeout, too, is excused by the sleep of its own thread alone', () => {
    const timedOut = (thread: number) =>
      judge(
        buildRun({
          threads: 2,
          fate: ({ seq }) => (seq === 450 ? { outcome: TIMEOUT, latencyMs: 5000 } : {}),
          events: [{ type: 'pause', thread, from: 9_100, at: 13_900 }],
        }),
      ).verdict;
    expect([timedOut(senderOf(450, 2)), timedOut(1 - senderOf(450, 2))]).toEqual(['inconclusive', 'downtime']);
  });

  it('a timeout is excused where the machine starved the harness for over a tenth of the time, a refusal is not', () => {
    const pauses = Array.from({ length: 30 }, (_, n): RunEvent => {
      return { type: 'pause', thread: 0, from: 2_000 + n * 200, at: 2_100 + n * 200 };
    });
    const starved = (outcome: Outcome) =>
      judge(buildRun({ fate: ({ seq }) => (seq === 450 ? { outcome, latencyMs: 5000 } : {}), events: pauses }));
    expect(starved(TIMEOUT)).toMatchObject({ verdict: 'inconclusive', exitCode: 98, healthy: false });
    expect(starved(REFUSED)).toMatchObject({ verdict: 'downtime', exitCode: 99 });
  });

  it('what a browser hides is excused by no failure', () => {
    const retryable: Outcome = { kind: 'retryable', cause: 'reset', status: null, detail: '' };
    const judgement = judge(
      buildRun({
        thresholds: [threshold('retryable', { aggregate: 'count', expression: 'count==0' })],
        fate: ({ seq }) => {
          if (seq === 450) return { outcome: lost('reset'), idleMs: 1_000 };
          return seq > 500 && seq < 600 ? { outcome: retryable } : {};
        },
        events: [{ type: 'pause', from: 8_000, at: 8_990 }],
      }),
    );
    expect(judgement.thresholds.find(({ metric }) => metric === 'retryable')?.ok).toBe(false);
  });

  it("does not blame a stall on the target that is the harness' own pause", () => {
    const judgement = judge(
      buildRun({
        fate: ({ dueAt }) => ({ latencyMs: dueAt >= 9_000 && dueAt < 10_400 ? 10_401 - dueAt : 1 }),
        events: [{ type: 'pause', from: 9_050, at: 10_390 }],
      }),
    );
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98 });
  });
});

describe('an unfinished release', () => {
  it('without harm to users is inconclusive, and its code says why', () => {
    const phases = [
      ...PHASES.slice(0, 5),
      { name: 'rollback', kind: 'rollback', role: 'emergency', ms: 5000 } as const,
    ];
    const judgement = judge(
      buildRun({
        phases,
        events: [decision('command', { detail: 'reload exited with 3' })],
        end: { release: 'rolled-back' },
      }),
    );
    expect(judgement).toMatchObject({ verdict: 'inconclusive', release: 'rolled-back', gate: 'pass', exitCode: 97 });
    expect(judgement.headline).toBe(
      'Inconclusive: release failed, rolled back: reload exited with 3; users: 0 of 650 requests failed (at most 0.46 %, 95 %)',
    );
  });

  const cases: [string, DecisionEvent[], ReleaseState, number][] = [
    ['a readiness that timed out', [decision('readiness')], 'rolled-back', 96],
    ['a failed rollback, before everything', [decision('signal', { signal: 'SIGINT' })], 'rollback-failed', 95],
    ['SIGINT', [decision('signal', { signal: 'SIGINT' })], 'rolled-back', 130],
    ['SIGTERM before a failed step', [decision('command'), decision('signal', { signal: 'SIGTERM' })], 'aborted', 143],
    ['SIGHUP as SIGTERM', [decision('signal', { signal: 'SIGHUP' })], 'aborted', 143],
    ['an unhealthy target', [decision('preflight', { action: 'abort' })], 'not-started', 94],
    ['a baseline that does not hold', [decision('baseline', { action: 'abort' })], 'not-started', 94],
    ['a crossed threshold', [decision('threshold')], 'rolled-back', 99],
    ['a step that may fail', [decision('command', { action: 'continue' })], 'completed', 0],
    ['no decision at all', [], 'aborted', 98],
  ];
  it.each(cases)('has the exit code of %s', (_, events, release, exitCode) => {
    expect(judge(buildRun({ events, end: { release } })).exitCode).toBe(exitCode);
  });

  it('that never started, as the baseline did not hold, proves nothing at all', () => {
    const judgement = judge(
      buildRun({
        phases: PHASES.slice(0, 2),
        fate: failing('baseline'),
        events: [decision('baseline', { action: 'abort', detail: '5 of 250 requests failed' })],
        end: { release: 'not-started' },
      }),
    );
    expect(judgement).toMatchObject({
      verdict: 'inconclusive',
      release: 'not-started',
      gate: 'inconclusive',
      exitCode: 94,
      healthy: true,
    });
    expect(judgement.headline).toBe('Inconclusive: release not started: 5 of 250 requests failed');
  });

  it('with harm to users is downtime, and the failed step still has the code', () => {
    const judgement = judge(
      buildRun({ fate: failing('reload'), events: [decision('command')], end: { release: 'rolled-back' } }),
    );
    expect(judgement).toMatchObject({ verdict: 'downtime', gate: 'fail', exitCode: 97 });
  });
});

describe('bounds', () => {
  it('has the worst declared stream in front, and every stream and phase behind', () => {
    const { bound } = judge(
      buildRun({
        ratePerSec: 100,
        flows: [
          { name: 'home', weight: 9 },
          { name: 'rare', weight: 1 },
        ],
        fate: ({ phase, flow, seq }) =>
          phase === 'build' && flow === 'home' && seq % 100 === 0 ? { outcome: wrong(503) } : {},
      }),
    );
    expect(bound.streams.map(({ name, requests, failures }) => [name, requests, failures])).toEqual([
      ['home', 1170, 1],
      ['rare', 130, 0],
    ]);
    expect(bound).toMatchObject({ requests: 130, failures: 0 });
    expect(bound.shortestDetectableOutageMs).toBeCloseTo(100, 6);
    expect(bound.phases.map(({ name, requests }) => [name, requests])).toEqual([
      ['build', 100],
      ['migrate', 200],
      ['reload', 500],
      ['rollback', 500],
    ]);
    expect(bound.phases[0]?.shortestDetectableOutageMs).toBeCloseTo(10, 6);
  });
});
