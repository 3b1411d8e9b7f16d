import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import { measure } from '../../src/judge/measure.js';
import { versionChange } from '../../src/judge/version-change.js';
import { versionTimelineOf } from '../../src/judge/version-timeline.js';
import { answersBetween } from '../../src/judge/version-window.js';
import type { Bucket, Run } from '../../src/model/run.js';
import { versionShares } from '../../src/report/html/version-shares.js';
import { buildRun, type Fate, type PhasePlan, REFUSED, type RunPlan, wrong } from '../record/build-run.js';

/** The reload begins at 6 s, is ready at 6.5 s and settled at 9.5 s; the way back begins at 16 s. */
const PHASES: PhasePlan[] = [
  { name: 'warmup', kind: 'warmup', ms: 1000 },
  { name: 'baseline', kind: 'baseline', ms: 5000 },
  { name: 'reload', kind: 'reload', ms: 10_000, readyAfterMs: 500 },
  { name: 'rollback', kind: 'rollback', role: 'rehearsal', ms: 5000, readyAfterMs: 400 },
];

const good = (dueAt: number, back = 16_200): string => (dueAt >= 6_300 && dueAt < back ? 'v2' : 'v1');
const release = (fate: Fate, rest: RunPlan = {}) => buildRun({ phases: PHASES, fate, ...rest });

function timelineOf(run: Run) {
  const m = measure(run);
  return versionTimelineOf(m, versionChange(m));
}

const rulesOf = (run: Run) => judge(run).findings.map(({ rule, severity }) => `${severity} ${rule}`);

describe('the version timeline', () => {
  it('tells old from new, with first and last answers, and the share of each step', () => {
    const timeline = timelineOf(release(({ dueAt }) => ({ version: good(dueAt) })));
    expect(timeline?.versions).toMatchObject([
      { version: 'v1', isOld: true, firstAt: 1001 },
      { version: 'v2', isOld: false, firstAt: 6301, lastAt: 16_181 },
    ]);
    const [baseline, reload, rollback] = timeline?.steps ?? [];
    expect(baseline).toMatchObject({ name: 'baseline', shares: [{ version: 'v1', share: 1, failed: 0 }] });
    expect(reload?.shares.map(({ version, requests }) => [version, requests])).toEqual([
      ['v1', 15],
      ['v2', 485],
    ]);
    expect(reload?.shares[1]?.share).toBeCloseTo(0.97, 5);
    expect(rollback?.name).toBe('rollback');
    expect(timeline?.takeover).toMatchObject({ kind: 'whole', version: 'v2', share: 1, from: 9500, to: 16_000 });
    expect(timeline).toMatchObject({ interleaving: null, sticky: null });
  });

  it('counts errors by the version that gave them, and those that say none apart', () => {
    const timeline = timelineOf(
      release(({ seq, dueAt }) => {
        if (seq === 350) return { version: null, outcome: REFUSED };
        return seq > 350 && seq % 50 === 0 && dueAt < 16_000
          ? { version: 'v2', outcome: wrong(500) }
          : { version: good(dueAt) };
      }),
    );
    const reload = timeline?.steps.find(({ name }) => name === 'reload');
    expect(reload).toMatchObject({ failedUnknown: 1, shares: [{ failed: 0 }, { version: 'v2', failed: 8 }] });
  });

  it('is none where no answer says a version', () => {
    expect(timelineOf(release(() => ({ version: null })))).toBeNull();
  });

  it('shows shares and errors of each version by step', () => {
    const run = release(({ dueAt }) => ({ version: good(dueAt).replace('v2', '<v2>') }));
    const page = versionShares(run, { ...judge(run), versionTimeline: timelineOf(run) })?.text ?? '';
    expect(page).toContain('Answers of each version by step');
    expect(page).toContain('97 %');
    expect(page).not.toContain('<v2>');
    expect(versionShares(run, { ...judge(run), versionTimeline: null })).toBeNull();
  });
});

describe('versions that interleave', () => {
  it('are a risk where the old one keeps coming back though the switch is ready and settled', () => {
    const run = release(({ seq, dueAt }) => ({
      version: dueAt >= 6_300 && dueAt < 16_000 && seq % 20 === 0 ? 'v1' : good(dueAt),
    }));
    const finding = judge(run).findings.find(({ rule }) => rule === 'versions-interleave');
    expect(finding).toMatchObject({
      severity: 'risk',
      phase: 'reload',
      claim: 'Answers of the old and the new release came by turns in reload, though it was ready.',
    });
    expect(finding?.evidence[0]).toMatch(
      /^16 answers of v1 among 309 of the new release \(4\.92 %\) from 9\.5 s to 16\.0 s of the run$/,
    );
    expect(judge(run).verdict).toBe('zero-downtime');
  });

  it('are none while what was under way when the step was ready is answered', () => {
    const run = release(({ seq, dueAt }) => ({
      version: dueAt >= 6_300 && dueAt < 9_400 && seq % 2 === 0 ? 'v1' : good(dueAt),
    }));
    expect(rulesOf(run)).toEqual([]);
  });

  it('are none with a single last answer of the old release', () => {
    const run = release(({ seq, dueAt }) => ({ version: seq === 600 ? 'v1' : good(dueAt) }));
    expect(timelineOf(run)?.interleaving).toMatchObject({ oldAnswers: 1, returns: 1 });
    expect(rulesOf(run)).toEqual([]);
  });

  it('are none in a canary that is promoted step by step', () => {
    const share = (name: string): PhasePlan => ({ name, kind: 'switch', ms: 6000, readyAfterMs: 100 });
    const canary: Fate = ({ seq, phase, dueAt }) => {
      const of = { 'share-10': 10, 'share-50': 2, 'share-100': 1 }[phase];
      return { version: of !== undefined && dueAt >= 6_300 && seq % of === 0 ? 'v2' : 'v1' };
    };
    const phases = [
      ...PHASES.slice(0, 2),
      share('share-10'),
      share('share-50'),
      share('share-100'),
      ...PHASES.slice(3),
    ];
    expect(rulesOf(buildRun({ phases, fate: canary }))).toEqual([]);
  });

  it('are none in a release that was undone half-way', () => {
    const run = release(({ seq, dueAt }) => ({ version: seq % 2 === 0 ? 'v1' : good(dueAt) }), {
      end: { release: 'rolled-back' },
    });
    expect(rulesOf(run).filter((rule) => /interleave|took/.test(rule))).toEqual([]);
  });
});

describe('a release that never took over', () => {
  it('is a risk where its version had answered and was gone again', () => {
    const run = release(({ dueAt }) => ({ version: good(dueAt, 8_000) }));
    const finding = judge(run).findings.find(({ rule }) => rule === 'never-took-over');
    expect(finding).toMatchObject({
      severity: 'risk',
      phase: 'reload',
      claim: 'v2 had answered, and never took over: the old release alone answered at the end of the release.',
      evidence: ['none of 325 answers was of v2 from 9.5 s to 16.0 s of the run', 'its last answer came at 8.0 s'],
    });
  });

  it('is a note where the new version keeps a share', () => {
    const run = release(({ seq, dueAt }) => ({ version: seq % 10 === 0 ? good(dueAt) : 'v1' }));
    expect(rulesOf(run)).toEqual(['note never-took-over']);
    expect(timelineOf(run)?.takeover).toMatchObject({ kind: 'part', version: 'v2' });
  });

  it('is no finding where no version came at all: the verdict says that the version never changed', () => {
    const run = release(() => ({ version: 'v1' }));
    expect(timelineOf(run)?.takeover).toMatchObject({ kind: 'never', version: null, share: 0 });
    expect(rulesOf(run).filter((rule) => rule.includes('took'))).toEqual([]);
  });

  it('is not asked where too little was seen of the end, or no change was asked for', () => {
    const short = PHASES.map((phase) => (phase.name === 'reload' ? { ...phase, ms: 3_500 } : phase));
    const fate: Fate = ({ dueAt }) => ({ version: good(dueAt, 8_000) });
    expect(timelineOf(buildRun({ phases: short, fate }))?.takeover).toBeNull();
    const version = { declared: true, changes: false };
    expect(timelineOf(release(fate, { version }))?.takeover).toBeNull();
  });
});

describe('sticky old answers', () => {
  it('are told by connection and flow, in the steps after the last one that moves traffic', () => {
    const phases = [...PHASES.slice(0, 3), { name: 'verify', kind: 'verify', ms: 2000 } as const, ...PHASES.slice(3)];
    const run = buildRun({
      phases,
      fate: ({ seq, dueAt, phase }) => {
        if (phase === 'verify' && seq % 10 === 0) return { version: 'v1', cached: seq % 20 === 0 };
        return { version: good(dueAt, 18_200) };
      },
    });
    expect(timelineOf(run)?.sticky).toEqual({
      requests: 10,
      fresh: 0,
      reused: 10,
      cached: 5,
      flows: ['home'],
      phases: ['verify'],
    });
  });
});

describe('answers within a time', () => {
  const bucket = (at: number, byVersion: Record<string, number>) => ({ at, byVersion }) as unknown as Bucket;

  it('count 100 ms that lie in it as a whole, and returns after new answers alone', () => {
    const buckets = [
      bucket(0, { v1: 9 }),
      bucket(100, { v1: 1, v2: 1 }),
      bucket(200, { v2: 2 }),
      bucket(300, {}),
      bucket(400, { v1: 1, v2: 1 }),
      bucket(500, { v2: 9 }),
    ];
    expect(answersBetween({ buckets }, ['v1'], { from: 50, to: 550 })).toEqual({ answers: 6, old: 2, returns: 1 });
  });
});
