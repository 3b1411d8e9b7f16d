import { describe, expect, it } from 'vitest';
import { badCase, exampleCase, exampleRun, failedRun } from './example.ts';
import { asMarkdown, asText, passes, type Row, totalsOf } from './report.ts';
import type { RunJson } from './result.ts';
import type { Ran } from './run-case.ts';
import { broken, type Outcome } from './score.ts';

function ran(run: RunJson, outcome: Outcome, step: string | null = null, changes: Partial<Ran> = {}): Ran {
  const stepRight = step === null ? null : outcome === 'right';
  return {
    score: {
      outcome,
      why: outcome === 'right' ? [] : ['it is so'],
      verdict: run.verdict,
      exitCode: run.exitCode,
      step,
      stepRight,
      cause: null,
      causeRight: null,
    },
    evidence: [{ claim: 'v2 took over', state: 'holds', disturbed: false, detail: '1' }],
    orphans: [],
    run,
    seconds: 30,
    ...changes,
  };
}

const good: Row = {
  label: exampleCase(),
  missing: null,
  runs: [ran(exampleRun(), 'right'), ran(exampleRun(), 'right')],
  disturbed: 1,
};
const bad: Row = {
  label: badCase(),
  missing: null,
  runs: [ran(failedRun('switch'), 'right', 'switch'), ran(failedRun('switch'), 'right', 'switch')],
  disturbed: 0,
};
const missing: Row = {
  label: badCase({ id: 'mesh/kill', corpus: 'B02' }),
  missing: { what: 'haproxy', remedy: 'scripts/install-systems --only haproxy' },
  runs: [],
  disturbed: 0,
};
const withRun = (row: Row, last: Ran): Row => ({ ...row, runs: [...row.runs.slice(1), last] });

describe('the corpus passes', () => {
  it.each<[boolean, string, Row[], boolean]>([
    [true, 'where all is right', [good, bad], false],
    [false, 'not where a case is missing', [good, bad, missing], false],
    [true, 'where a case may be missing', [good, bad, missing], true],
    [false, 'not where all are missing', [missing], true],
    [false, 'not where nothing was run', [], false],
    [false, 'not with a false alarm', [withRun(good, ran(failedRun('switch'), 'false alarm')), bad], false],
    [false, 'not with a miss', [good, withRun(bad, ran(exampleRun(), 'missed', '-'))], false],
    [false, 'not with a wrong step', [good, withRun(bad, ran(failedRun('rollback'), 'wrong', 'rollback'))], false],
    [false, 'not with a label that the evidence denies', [withRun(good, ran(exampleRun(), 'unconfirmed'))], false],
    [false, 'not where the machine disturbed every try', [withRun(good, ran(exampleRun(), 'disturbed'))], false],
    [
      false,
      'not where something is left running',
      [withRun(good, ran(exampleRun(), 'right', null, { orphans: ['7 nginx'] }))],
      false,
    ],
    [
      false,
      'not without a result',
      [withRun(good, { ...ran(exampleRun(), 'right'), run: null, evidence: [], score: broken(['exit 2']) })],
      false,
    ],
  ])('%s: %s', (expected, _what, rows, onlyInstalled) => {
    expect(passes(totalsOf(rows), onlyInstalled)).toBe(expected);
  });

  it('where no more are undecided than may be, and never where nothing else was run', () => {
    const undecided: Row = { ...good, runs: [ran(exampleRun(), 'disturbed')] };
    const of = (...rows: Row[]) => totalsOf(rows);
    expect(passes(of(undecided, bad), false, 1)).toBe(true);
    expect(passes(of(undecided, undecided, bad), false, 1)).toBe(false);
    expect(passes(of(undecided), false, 9)).toBe(false);
    expect(passes(of(undecided, withRun(bad, ran(exampleRun(), 'missed', '-'))), false, 9)).toBe(false);
  });
});

describe('the table', () => {
  const text = asMarkdown([good, bad, missing], 'npm run corpus', new Date('2026-03-04T05:06:07Z'));

  it('has a row a case: what was seen, never a missing one as passed', () => {
    expect(text).toContain('`npm run corpus` on 2026-03-04');
    expect(text).toContain(
      '| proxy/good | G01 | none | zero-downtime, 0 | 2/2 | 2/2 | - | - | 30 s | 0 of 4,000 failed, rate <= 0.075 %, outage <= 30 ms |',
    );
    expect(text).toContain(
      '| proxy/kill | B01 | killed | downtime, 99 | 2/2 | 2/2 | switch 2/2 | - | 30 s | 40 failed, outage 0.7 s |',
    );
    expect(text).toContain(
      '| mesh/kill | B02 | killed | downtime, 99 | - | **missing** (scripts/install-systems --only haproxy) |',
    );
  });

  it('says what it comes to', () => {
    expect(text).toContain('4 of 4 runs of 2 cases right. False alarms: 0. Missed: 0. Otherwise wrong: 0.');
    expect(text).toContain(
      'First harmed step right: 2 of 2. Likeliest cause right: 0 of 0. Disturbed by the machine and run again: 1; undecided: 0.',
    );
    expect(text).toContain('Missing: 1 cases.');
    expect(text).toContain('- mesh/kill: missing haproxy: scripts/install-systems --only haproxy');
  });

  it('names every run that was not right, and why', () => {
    const rows = [withRun(bad, ran(exampleRun(), 'missed', '-', { orphans: ['7 nginx'] }))];
    for (const table of [asMarkdown(rows, '', new Date()), asText(rows)]) {
      expect(table).toContain('- proxy/kill run 2: missed: it is so');
      expect(table).toContain('- proxy/kill run 2: left behind: 7 nginx');
      expect(table).toContain('1 of 2 runs');
    }
  });
});
