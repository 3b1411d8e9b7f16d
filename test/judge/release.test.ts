import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import type { DecisionEvent, RunEvent } from '../../src/model/event.js';
import type { HoldEndedEvent } from '../../src/model/release.js';
import { buildRun, type Fate, type PhasePlan, REFUSED, type RunPlan, wrong } from '../record/build-run.js';

const UNDONE: PhasePlan[] = [
  { name: 'warmup', kind: 'warmup', ms: 1000 },
  { name: 'baseline', kind: 'baseline', ms: 5000 },
  { name: 'migrate', kind: 'migrate', ms: 2000 },
  { name: 'canary', kind: 'custom', ms: 10_000, outcome: 'ok' },
  { name: 'rollback', kind: 'rollback', role: 'emergency', ms: 5000, readyAfterMs: 400 },
];
const DECIDED: DecisionEvent = {
  type: 'decision',
  at: 17_900,
  cause: 'threshold',
  action: 'rollback',
  detail: 'http_req_failed{version:v2} is 30 %',
};

/** A canary from 8 s to 18 s and half a second more: every tenth request goes to v2. */
const canary: Fate = ({ seq, dueAt }) => ({
  version: dueAt >= 8000 && dueAt < 18_500 && seq % 10 === 0 ? 'v2' : 'v1',
});

function undone(plan: RunPlan = {}) {
  return buildRun({
    phases: UNDONE,
    fate: canary,
    events: [DECIDED],
    end: { release: 'rolled-back', servesNow: 'v1' },
    ...plan,
  });
}

describe('the blast radius of a release that was undone', () => {
  it('is what the new version answered, of all requests since the step that moved the traffic', () => {
    const { blastRadius, reasons } = judge(undone());
    expect(blastRadius).toMatchObject({ version: 'v2', requests: 53, failed: 0, failedShare: 0, phase: 'canary' });
    // 10.4 s at 50/s.
    expect(blastRadius!.all).toBeGreaterThanOrEqual(520);
    expect(blastRadius!.all).toBeLessThanOrEqual(530);
    expect(blastRadius!.share).toBeCloseTo(0.1, 2);
    expect(blastRadius!.ms).toBeCloseTo(10_400, -2);
    expect(reasons.join('\n')).toMatch(
      /blast radius: v2 answered 53 of 52\d requests \(10\.?\d* %\) in 10\.4 s, and failed none/,
    );
  });

  it('counts what failed with the new version, and apart from it what failed without saying one', () => {
    const fate: Fate = (a) => {
      const { version } = canary(a);
      if (version === 'v2' && a.seq % 30 === 0) return { version, outcome: wrong(500) };
      if (version === 'v1' && a.phase === 'canary' && a.seq % 100 === 1) return { version: null, outcome: REFUSED };
      return version === undefined ? {} : { version };
    };
    const { blastRadius, reasons } = judge(undone({ fate }));
    expect(blastRadius).toMatchObject({ requests: 53, failed: 17, failedUnknown: 5 });
    expect(blastRadius!.failedShare).toBeCloseTo(17 / 53, 6);
    expect(reasons.join('\n')).toContain('and failed 17 of them (32.1 %); 5 failed without saying a version');
  });

  it('is nobody where no answer came from a new version', () => {
    const { blastRadius, reasons } = judge(undone({ fate: () => ({ version: 'v1' }) }));
    expect(blastRadius).toMatchObject({ version: null, requests: 0, share: 0, all: 500, phase: 'canary' });
    expect(reasons).toContain('blast radius: none of 500 requests was answered by a new version');
  });

  it.each([
    ['was carried through', undone({ end: { release: 'completed' }, events: [] })],
    ['says no version', undone({ fate: () => ({ version: null }), version: { declared: false, changes: true } })],
    ['moved no traffic', undone({ phases: UNDONE.slice(0, 3), end: { release: 'aborted' } })],
  ])('is not said of one that %s', (_, run) => {
    const { blastRadius, reasons } = judge(run);
    expect(blastRadius).toBeNull();
    expect(reasons.join(' ')).not.toContain('blast radius');
  });
});

describe('a hold for a number of requests', () => {
  const held = (rest: Partial<HoldEndedEvent>): RunEvent[] => [
    { type: 'phase', at: 18_000, name: 'canary', kind: 'custom', role: 'release' },
    { type: 'hold-started', at: 18_000, forMs: 10_000 },
    {
      type: 'hold-ended',
      at: 28_000,
      wanted: 500,
      requests: 50,
      all: 500,
      forMs: 10_000,
      version: 'v2',
      flow: null,
      ...rest,
    },
    { type: 'step-ended', at: 28_000, name: 'canary', outcome: 'ok', detail: '' },
  ];
  const judged = (rest: Partial<HoldEndedEvent>) => judge(buildRun({ events: held(rest), end: { at: 28_000 } }));

  it('that saw them changes nothing', () => {
    expect(judged({ requests: 500 })).toMatchObject({ verdict: 'zero-downtime', gate: 'pass', exitCode: 0 });
  });

  it('that did not see them proves nothing, and says what would do', () => {
    const { verdict, gate, exitCode, reasons } = judged({});
    expect({ verdict, gate, exitCode }).toEqual({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98 });
    // A tenth of 50/s is 5/s: ten times the rate, or of the time.
    expect(reasons).toContain(
      'canary: the hold was to see 500 requests of v2, and 50 came in 10.0 s; at 500/s they would have come, or in 1 min 40 s',
    );
  });

  it('of a version that never answered says that no rate would do', () => {
    expect(judged({ requests: 0 }).reasons.join()).toContain(
      'and none came in 10.0 s; no rate would do as long as v2 answers nothing',
    );
  });
});

describe('when a release was deployed', () => {
  const steps = [
    { name: 'build', kind: 'build' as const },
    { name: 'reload', kind: 'reload' as const },
  ];

  it('is when its last step that moves traffic was ready', () => {
    const run = buildRun();
    run.header.steps = steps;
    // The reload begins at 9 s and is ready half a second later.
    expect(judge(run).deployedAt).toBeCloseTo(9500, 3);
  });

  it('is not known where that step was not done', () => {
    const run = buildRun({
      phases: [
        { name: 'warmup', kind: 'warmup', ms: 1000 },
        { name: 'baseline', kind: 'baseline', ms: 5000 },
        { name: 'reload', kind: 'reload', ms: 2000, readyAfterMs: null, outcome: 'not-ready' },
      ],
    });
    run.header.steps = steps;
    expect(judge(run).deployedAt).toBeNull();
  });
});
