import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../src/model/verdict.js';
import { renderHtml } from '../../src/report/html/report.js';
import { runJson } from '../../src/report/json.js';
import { furtherReasons } from '../../src/report/judged.js';
import { renderJunit } from '../../src/report/junit.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { summarize } from '../../src/report/summary.js';
import { summaryLines } from '../../src/report/terminal.js';
import { buildRun, judgementOf, type Plan } from './build-run.js';
import { downtime } from './sample-runs.js';

const further = (headline: string, reasons: string[]) => furtherReasons({ headline, reasons } as Judgement);

describe('reasons', () => {
  it('are left out where the headline has said them', () => {
    expect(
      further('14 of 4,391 requests failed, 7 of them in reload; longest outage 70 ms', [
        '14 of 4,391 requests failed, 7 of them in reload',
        'outage is 70 ms, and the threshold is max==0',
      ]),
    ).toEqual(['outage is 70 ms, and the threshold is max==0']);
    expect(
      further('0 of 6,792 requests failed (at most 0.044 %, 95 %); change not verified', [
        '0 of 6,792 requests failed (at most 0.044 %, 95 %, independent failures assumed)',
      ]),
    ).toEqual([]);
  });

  it('stay where they only resemble the headline', () => {
    const reasons = ['4 of 4,391 requests failed', 'warning: outage is 70 ms, and the threshold is max==0'];
    expect(further('14 of 4,391 requests failed', reasons)).toEqual(reasons);
  });

  it('are all in run.json', () => {
    const { run, judgement } = downtime();
    const reasons = [judgement.headline, 'another'];
    expect(runJson(run, { ...judgement, reasons }).reasons).toEqual(reasons);
    expect(renderMarkdown(run, { ...judgement, reasons })).toMatch(/^> another/m);
    expect(renderMarkdown(run, { ...judgement, reasons })).not.toMatch(/^> 734/m);
  });
});

/** A set-up step named like a step, two steps of one name, the way back twice, and one step again. */
const PHASES: Plan['phases'] = [
  { name: 'reload', kind: 'setup', startAt: 0, endAt: 1000, judged: false },
  { name: 'baseline', kind: 'baseline', startAt: 1000, endAt: 3000, outcome: null },
  { name: 'reload', startAt: 3000, endAt: 5000 },
  { name: 'reload', startAt: 5000, endAt: 7000 },
  { name: 'verify', startAt: 7000, endAt: 8000 },
  { name: 'rollback', kind: 'rollback', role: 'rehearsal', startAt: 8000, endAt: 9000 },
  { name: 'verify (forward)', role: 'forward', startAt: 9000, endAt: 10_000 },
  { name: 'rollback', kind: 'rollback', role: 'emergency', startAt: 10_000, endAt: 11_000 },
];

function repeated() {
  const run = buildRun({ phases: PHASES });
  const judgement = judgementOf(run);
  const steps = PHASES.slice(2);
  judgement.bound.phases = steps.map(({ name }, i) => ({ ...judgement.bound, name, requests: 100 + i }));
  judgement.findings = steps.map(({ name }, i) => ({
    ...{ rule: 'stalled-step', severity: 'breach', phase: name, claim: `Claim ${i}.`, evidence: [], remedy: '' },
  }));
  return { run, judgement };
}

describe('phases of one name', () => {
  it('are told apart', () => {
    expect(summarize(repeated().run).phases.map(({ label }) => label)).toEqual([
      ...['reload', 'baseline', 'reload (2)', 'reload (3)', 'verify'],
      ...['rollback (rehearsal)', 'verify (forward)', 'rollback (emergency)'],
    ]);
  });

  it('are test cases of their own in JUnit', () => {
    const { run, judgement } = repeated();
    const names = [...renderJunit(run, judgement).matchAll(/zdd\.steps\.[^"]*" name="([^"]*)"/g)].map(
      ([, name]) => name,
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('have the bound of their own', () => {
    const { run, judgement } = repeated();
    expect(runJson(run, judgement).phases.map(({ bound }) => bound?.requests ?? null)).toEqual([
      ...[null, null, 100, 101, 102, 103, 104, 105],
    ]);
  });

  it('have no bound where it is unclear which is theirs', () => {
    const { run, judgement } = repeated();
    judgement.bound.phases = judgement.bound.phases.slice(1);
    expect(runJson(run, judgement).phases.map(({ bound }) => bound?.requests ?? null)).toEqual([
      ...[null, null, null, null, 102, 103, 104, 105],
    ]);
  });

  it('are given no cause that may be the cause of another', async () => {
    const { run, judgement } = repeated();
    const steps = renderMarkdown(run, judgement)
      .split('### ')
      .find((part) => part.startsWith('Steps'));
    expect(steps?.match(/Claim \d/g)).toEqual(['Claim 2', 'Claim 4']);
    expect(await renderHtml(run, judgement)).toContain('Claim 0.');
  });
});

describe('the steps on the terminal', () => {
  it('have their likely cause only where it fits', () => {
    const { run, judgement } = downtime();
    const cause = 'The listening socket was gone for 1.8 s';
    const stepOf = (width: number) =>
      summaryLines(run, judgement, { color: false, width }).find((line) => line.startsWith(' ✗ reload  ')) ?? '';
    expect(stepOf(140)).toContain(cause);
    expect(stepOf(119)).not.toContain('The listening');
    expect(stepOf(119)).not.toContain('…');
  });
});
