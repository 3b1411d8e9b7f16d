import { describe, expect, it } from 'vitest';
import type { DecisionEvent, ReleaseState } from '../../src/model/event.js';
import type { ExitCode } from '../../src/model/exit-codes.js';
import { renderHtml } from '../../src/report/html/report.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { exitText, gateText, rehearsalText, releaseText } from '../../src/report/release-text.js';
import { summaryLines } from '../../src/report/terminal.js';
import { buildRun, judgementOf, type Plan } from './build-run.js';

const BASELINE = { name: 'baseline', kind: 'baseline', startAt: 0, endAt: 2000, outcome: null } as const;
const phase = (name: string, change: object = {}): Plan['phases'][number] => ({
  ...{ name, kind: 'custom', startAt: 2000, endAt: 4000, command: './deploy.sh' },
  ...change,
});
const SIGINT = { type: 'decision', at: 3000, cause: 'signal', detail: 'SIGINT received', signal: 'SIGINT' } as const;
const EXITED = { type: 'decision', at: 3000, cause: 'command', detail: 'deploy exited 3' } as const;

interface Ended {
  phases?: Plan['phases'];
  release: ReleaseState;
  exitCode: ExitCode;
  decisions?: DecisionEvent[];
  header?: Plan['header'];
  servesNow?: string | null;
  cut?: boolean;
}

const WRAPPED = { name: './deploy.sh', sha256: '', file: null, runbook: null };

function ended({
  phases = [phase('deploy')],
  release,
  exitCode,
  decisions = [],
  header,
  servesNow = null,
  cut,
}: Ended) {
  const run = buildRun({
    phases: [BASELINE, ...phases],
    ratePerSec: 20,
    versionAt: (at) => (at < 3000 ? '1.0.0' : '2.0.0'),
    change: { decisions, ...(cut ? { cut: true, end: null } : {}) },
    header: { steps: [{ name: 'deploy', kind: 'custom' }], rollback: [], rehearsal: 'none', ...header },
  });
  return { run, judgement: judgementOf(run, { release, exitCode, servesNow }) };
}

describe('a release whose rollback was rehearsed last', () => {
  const back = phase('rollback', { kind: 'rollback', role: 'rehearsal', startAt: 4000, endAt: 6000 });
  const header = { rollback: [{ name: 'rollback' }], rehearsal: 'rollback' as const };
  const good = { phases: [phase('deploy'), back], release: 'completed' as const, exitCode: 0 as const, header };

  it('says that the old release is live, and how to end on the new one', async () => {
    const { run, judgement } = ended({ ...good, servesNow: '1.0.0' });
    const text =
      'The rehearsed rollback was last: the old release (1.0.0) is live. To end on the new one: rehearsal: rollback-forward';
    expect(rehearsalText(run, judgement)).toBe(text);
    const lines = summaryLines(run, judgement, { color: false, width: 160 });
    expect(lines).toContain(' RELEASE COMPLETED, then rolled back as a rehearsal.');
    expect(lines.slice(-3)).toEqual([
      ' Gate: pass. Exit 0: the gate passes; the release and its rehearsed rollback are done.',
      ` ${text}`,
      ' The target serves 1.0.0 now.',
    ]);
    expect(renderMarkdown(run, judgement)).toContain('the old release');
    expect(await renderHtml(run, judgement)).toContain('the old release (1.0.0) is live');
  });

  it('says how far that is known where the version is not', () => {
    const { run, judgement } = ended({ ...good, header: { ...header, scenario: WRAPPED } });
    expect(rehearsalText(run, judgement)).toBe(
      "The rehearsed rollback was last: the old release is live, as far as the rollback's success tells. To end on the new one: --rehearsal rollback-forward",
    );
  });

  it('does not call a version the old one that was not seen before the release', () => {
    const { run, judgement } = ended({ ...good, servesNow: '2.0.0' });
    expect(rehearsalText(run, judgement)).toBe('The rehearsed rollback was last, but the target serves 2.0.0.');
  });

  it('has nothing to say where the release went forward again, or was not rehearsed', () => {
    const forward = phase('deploy (forward)', { role: 'forward', startAt: 6000, endAt: 8000 });
    const again = ended({
      ...good,
      phases: [...good.phases, forward],
      header: { ...header, rehearsal: 'rollback-forward' },
    });
    for (const { run, judgement } of [again, ended({ release: 'completed', exitCode: 0 })]) {
      expect(rehearsalText(run, judgement)).toBeNull();
      expect(releaseText(run, judgement)).toBe('completed');
    }
  });
});

describe('a release that was interrupted', () => {
  const rollback = [{ name: 'rollback' }];
  const aborted = { release: 'aborted', exitCode: 130, decisions: [{ ...SIGINT, action: 'abort' }] } as const;
  const interrupted = (change: Partial<Ended> = {}) =>
    ended({ ...aborted, decisions: [...aborted.decisions], ...change });

  it('says that what the command did stays where no rollback is defined', () => {
    const { run, judgement } = interrupted({ header: { scenario: WRAPPED } });
    expect(exitText(run, judgement)).toBe(
      'interrupted (SIGINT); no rollback is defined: what ./deploy.sh did stays; undo it by hand',
    );
    const text = summaryLines(run, judgement, { color: false, width: 200 }).join('\n');
    expect(text).toContain('RELEASE INTERRUPTED, not rolled back.');
    expect(text).toContain('Gate: pass (thresholds only; the release was aborted). Exit 130: interrupted');
    expect(text).not.toContain('if the switch had begun');
  });

  it('names its steps where a scenario does', () => {
    const { run, judgement } = interrupted();
    expect(exitText(run, judgement)).toContain('what deploy did stays');
  });

  it('is not called failed where it was rolled back', () => {
    const { run, judgement } = interrupted({
      release: 'rolled-back',
      decisions: [{ ...SIGINT, action: 'rollback' }],
      header: { rollback },
    });
    expect(releaseText(run, judgement)).toBe('interrupted, rolled back');
    expect(exitText(run, judgement)).toBe('interrupted (SIGINT); rolled back');
  });

  it('has nothing to roll back before a step that moves traffic', () => {
    const steps = [
      { name: 'migrate', kind: 'migrate' as const },
      { name: 'deploy', kind: 'custom' as const },
    ];
    const { run, judgement } = interrupted({
      phases: [phase('migrate', { kind: 'migrate' })],
      header: { steps, rollback },
    });
    expect(exitText(run, judgement)).toBe(
      'interrupted (SIGINT); nothing to roll back: no step that moves traffic had begun; what migrate did stays',
    );
  });

  it('speaks of no rollback where it was not begun', () => {
    const { run, judgement } = interrupted({ phases: [], release: 'not-started' });
    expect(releaseText(run, judgement)).toBe('not started');
    expect(exitText(run, judgement)).toBe('interrupted (SIGINT); no step of the release was run');
    expect(gateText(judgement)).toBe('pass (thresholds only; there was no release)');
  });

  it('is not called rolled back where the record ends in its rollback', () => {
    const back = phase('rollback', { kind: 'rollback', role: 'emergency', startAt: 4000, endAt: 6000 });
    const { run, judgement } = interrupted({ phases: [phase('deploy'), back], header: { rollback }, cut: true });
    expect(exitText(run, judgement)).toContain('see whether it came to its end');
    expect(releaseText(run, judgement)).toBe('interrupted, the record ends in its rollback');
  });

  it('is named by the signal that ended it', () => {
    const { run, judgement } = interrupted({
      exitCode: 143,
      decisions: [{ ...SIGINT, action: 'abort', signal: 'SIGHUP' }],
    });
    expect(exitText(run, judgement)).toMatch(/^terminated \(SIGHUP\); no rollback is defined/);
  });
});

describe('a release that failed', () => {
  it('says which it was, rolled back or aborted', () => {
    const wrapped = { header: { scenario: WRAPPED } };
    const stays = ended({ release: 'aborted', exitCode: 97, decisions: [{ ...EXITED, action: 'abort' }], ...wrapped });
    expect(exitText(stays.run, stays.judgement)).toBe(
      "a step's command failed or timed out; no rollback is defined: what ./deploy.sh did stays; undo it by hand",
    );
    const undone = ended({ release: 'rolled-back', exitCode: 96, decisions: [{ ...EXITED, action: 'rollback' }] });
    expect(exitText(undone.run, undone.judgement)).toBe('readiness timed out; rolled back');
    expect(releaseText(undone.run, undone.judgement)).toBe('failed, rolled back');
  });

  it('stays where its step says so, and where others make it', () => {
    const says = ended({ release: 'aborted', exitCode: 97, header: { rollback: [{ name: 'rollback' }] } });
    expect(exitText(says.run, says.judgement)).toContain('as the step says (onFail: abort)');
    const pipeline = ended({ release: 'aborted', exitCode: 97, header: { steps: [] } });
    expect(exitText(pipeline.run, pipeline.judgement)).toContain('the release is made by others');
  });
});
