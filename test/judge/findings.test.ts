import { describe, expect, it } from 'vitest';
import { evidenceOf } from '../../src/judge/evidence.js';
import { findingsOf } from '../../src/judge/findings/registry.js';
import { judge } from '../../src/judge/judge.js';
import { measure } from '../../src/judge/measure.js';
import { versionChange } from '../../src/judge/version-change.js';
import { buildRun, goodVersion, PHASES, REFUSED, type RunPlan } from '../record/build-run.js';

const findings = (plan: RunPlan) => judge(buildRun(plan)).findings;

describe('findings', () => {
  it('are none for a good release', () => {
    expect(findings({})).toEqual([]);
  });

  it('tell of a failing step by cause, connection, time and samples', () => {
    const finding = findings({
      fate: ({ seq }) => (seq === 460 || seq === 470 ? { outcome: REFUSED, connection: 'fresh' } : {}),
    }).find(({ rule }) => rule === 'failing-step');
    expect(finding).toMatchObject({ rule: 'failing-step', severity: 'breach', phase: 'reload' });
    expect(finding?.evidence).toEqual([
      'by cause: 2 refused',
      'by connection: 2 fresh',
      'by flow: 2 home',
      'first failure at 9.2 s (201 ms into the step), last at 9.4 s (401 ms into the step)',
      'samples #460, #470',
    ]);
  });

  it('tell of idle connections closed without notice as a risk', () => {
    const found = findings({ events: [{ type: 'idle-closed', at: 9_100, idleMs: 50, how: 'rst' }] });
    expect(found).toMatchObject([{ rule: 'idle-closed-unannounced', severity: 'risk', phase: 'reload' }]);
  });

  it.each([
    ['nginx: [notice] signal process started', /^.*keepalive_min_timeout 10s.*resolve/, /announce `Connection/],
    ['haproxy was reloaded', /announce `Connection: close`.*option idle-close-on-response/, /worker_shutdown/],
  ])('name what ends such closes for what is in use, by "%s"', (line, has, hasNot) => {
    const [found] = findings({
      events: [
        { type: 'idle-closed', at: 9_100, idleMs: 50, how: 'fin' },
        { type: 'output', at: 9_050, step: 'reload', line },
      ],
    });
    expect(found?.remedy).toMatch(has);
    expect(found?.remedy).not.toMatch(hasNot);
  });

  it('tell of losses that a browser hides as a risk, not as a failure', () => {
    const outcome = { kind: 'retryable', cause: 'reset', status: null, detail: '' } as const;
    const judgement = judge(buildRun({ fate: ({ seq }) => (seq === 460 ? { outcome } : {}) }));
    expect(judgement).toMatchObject({ verdict: 'zero-downtime', exitCode: 0 });
    expect(judgement.findings).toMatchObject([{ rule: 'retryable-losses', severity: 'risk', phase: 'reload' }]);
  });

  it('tell of an old version that answers after the hold of the step that replaced it', () => {
    const phases = [...PHASES.slice(0, 5), { name: 'verify', kind: 'verify', ms: 1000 } as const, ...PHASES.slice(5)];
    const found = findings({
      phases,
      fate: ({ phase, seq }) => ({ version: phase === 'verify' && seq % 10 === 0 ? 'v1' : goodVersion(phase) }),
      events: [],
    });
    expect(found).toEqual([]);
    const held = buildRun({
      phases,
      fate: ({ phase, seq }) => ({ version: phase === 'verify' && seq % 10 === 0 ? 'v1' : goodVersion(phase) }),
    });
    const reload = held.phases.find(({ name }) => name === 'reload');
    if (reload !== undefined) reload.holdAt = reload.readyAt;
    expect(judge(held).findings).toMatchObject([{ rule: 'old-version-after-hold', severity: 'risk', phase: 'verify' }]);
  });

  it('say nothing of an old version that answers until the last step that moves traffic is over', () => {
    const share = { name: 'all of it', kind: 'custom', ms: 1000 } as const;
    const run = buildRun({
      phases: [...PHASES.slice(0, 5), share, ...PHASES.slice(5)],
      fate: ({ phase, seq }) => ({ version: phase === share.name && seq % 10 === 0 ? 'v1' : goodVersion(phase) }),
    });
    for (const phase of run.phases) phase.holdAt = phase.endAt - 100;
    expect(judge(run).findings.map(({ rule }) => rule)).not.toContain('old-version-after-hold');
  });

  it('from a rule that throws are a fault, which never passes', () => {
    const m = measure(buildRun());
    const broken = {
      name: 'broken',
      find: () => {
        throw new Error('no');
      },
    };
    expect(findingsOf(m, evidenceOf(m), versionChange(m), [broken])).toEqual({
      findings: [],
      faults: ['the rule broken failed: no'],
    });
  });
});
