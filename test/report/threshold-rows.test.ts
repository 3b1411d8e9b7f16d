import { describe, expect, it } from 'vitest';
import type { ThresholdResult } from '../../src/model/verdict.js';
import { githubAnnotations } from '../../src/report/annotations.js';
import { renderHtml } from '../../src/report/html/report.js';
import { runJson } from '../../src/report/json.js';
import { STATE_MARK, STATE_TEXT, thresholdState } from '../../src/report/judged.js';
import { renderJunit } from '../../src/report/junit.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { summaryLines } from '../../src/report/terminal.js';
import { thresholdRows } from '../../src/report/threshold-rows.js';
import { zeroDowntime } from './sample-runs.js';

const STEPS = ['build', 'migrate', 'switch', 'reload', 'verify', 'rollback'];

const result = (change: Partial<ThresholdResult> = {}): ThresholdResult => ({
  ...{ metric: 'latency', name: 'latency', expression: 'p(99)<500', level: 'fail', origin: 'user', actual: 120 },
  ...{ limit: 500, ok: true, phase: 'run', note: '', source: { file: 'zdd/scenario.yaml', line: 41 } },
  ...change,
});

/** A row for the run and one for each step; `change` says what is different in a step. */
const everywhere = (change: Partial<ThresholdResult> = {}, inStep: Record<string, Partial<ThresholdResult>> = {}) => [
  result(change),
  ...STEPS.map((phase) => result({ ...change, phase, ...inStep[phase] })),
];

const listed = (thresholds: ThresholdResult[]) =>
  thresholdRows(thresholds).map(({ threshold, note }) => [threshold.phase, note]);

/** A run whose judgement has these rows. */
function rendered(thresholds: ThresholdResult[]) {
  const { run, judgement: good } = zeroDowntime();
  const judgement = { ...good, thresholds };
  const terminal = summaryLines(run, judgement, { color: false, width: 100 });
  return { run, judgement, terminal, markdown: renderMarkdown(run, judgement), junit: renderJunit(run, judgement) };
}

describe('the rows of thresholds', () => {
  it('are one for the run where every step kept it', () => {
    expect(listed(everywhere())).toEqual([['run', 'kept in all 6 steps']]);
  });

  it('name the steps that did not keep it, and count the others', () => {
    const rows = everywhere(
      { ok: false },
      { ...Object.fromEntries(STEPS.map((step) => [step, { ok: true }])), reload: {} },
    );
    expect(listed(rows)).toEqual([
      ['run', 'kept in 5 of 6 steps'],
      ['reload', ''],
    ]);
  });

  it('do not call a step kept that was not judged', () => {
    const few = everywhere({ expression: 'p(99)<2*baseline', note: 'baseline 60 ms' }).filter(
      ({ phase }) => phase !== 'build' && phase !== 'switch',
    );
    expect(listed([...everywhere(), ...few])).toEqual([
      ['run', 'kept in all 6 steps'],
      ['run', 'kept in 4 of 6 steps, not judged in build, switch: too few samples, or too noisy; baseline 60 ms'],
    ]);
  });

  it('keep every row of a threshold on one step', () => {
    const ofStep = result({ name: 'latency{step:migrate}', phase: 'migrate' });
    expect(listed([...everywhere(), ofStep])).toEqual([
      ['run', 'kept in all 6 steps'],
      ['migrate', ''],
    ]);
  });

  it('keep a step of which nothing can be said', () => {
    const late = { ok: null, origin: 'default' as const, note: 'the harness sent late' };
    expect(listed(everywhere({ origin: 'default' }, { reload: late }))).toEqual([
      ['run', 'kept in 5 of 6 steps'],
      ['reload', 'the harness sent late'],
    ]);
  });

  it('are folded for people and whole for programs', async () => {
    const metrics = ['http_req_failed', 'conn_errors', 'outage', 'stall', 'latency'] as const;
    const { run, judgement, terminal, markdown, junit } = rendered(
      metrics.flatMap((metric) => everywhere({ metric, name: metric })),
    );
    expect(terminal.filter((line) => /^ . \w+: p\(99\)/.test(line))).toHaveLength(5);
    expect(markdown.match(/^\| ✓ kept/gm)).toHaveLength(5);
    expect(junit.match(/classname="zdd\.thresholds/g)).toHaveLength(35);
    expect(runJson(run, judgement).thresholds).toHaveLength(35);
    const page = await renderHtml(run, judgement);
    expect(page).toContain('<summary>All 35 rows');
    expect(page.match(/<code>\w+: p\(99\)&#60;500/g)).toHaveLength(5 + 35);
  });
});

describe('a threshold that is not wholly kept', () => {
  const steps = (all: ThresholdResult[]) => all.filter(({ phase }) => phase !== 'switch');
  const over = { expression: 'p(99)<2*baseline', actual: 15.3, limit: 12.1, note: 'over it by less than 20 ms' };

  it('is not marked as kept where a step was not judged, and names that step', () => {
    const rows = thresholdRows([...everywhere({ metric: 'outage', name: 'outage' }), ...steps(everywhere())]);
    expect(rows.map(({ state }) => state)).toEqual(['kept', 'partly']);
    expect(STATE_MARK.partly).toBe('~');
  });

  it('is not marked as kept where the value is over the limit', () => {
    expect(thresholdState(result(over))).toBe('noise');
    expect(STATE_MARK.noise).toBe('~');
    expect(thresholdState(result({ actual: 500 }))).toBe('kept');
  });

  it('has its whole reason on a narrow terminal', () => {
    const { terminal } = rendered([
      ...everywhere({ metric: 'outage', name: 'outage' }),
      ...steps(everywhere()),
      result(over),
    ]);
    const text = terminal.map((line) => line.trim()).join(' ');
    expect(text).toContain('not judged in switch: too few samples, or too noisy');
    expect(text).toContain('within the noise of its limit; over it by less than 20 ms');
    for (const line of terminal) expect(line.length).toBeLessThanOrEqual(100);
  });
});

describe('a threshold that proves nothing', () => {
  const crossed = result({ ok: false, level: 'inconclusive', actual: 900 });
  const late = result({ ok: null, origin: 'default', source: null, note: 'the harness sent late' });
  const unproven = result({ ok: null, note: '40 samples, and the quantile needs 100' });

  it('has a mark and a name of its own, never those of a kept one', () => {
    const states = [crossed, late, unproven].map(thresholdState);
    expect(states).toEqual(['doubtful', 'silent', 'unproven']);
    expect(states.map((state) => STATE_MARK[state])).toEqual(['?', '?', '?']);
    expect(states.map((state) => STATE_TEXT[state])).toEqual(['crossed, inconclusive', 'no statement', 'not proven']);
  });

  it('says so on the terminal, in the summary and on the page', async () => {
    const { run, judgement, terminal, markdown } = rendered([crossed, late, unproven]);
    expect(terminal.filter((line) => line.startsWith(' ? latency'))).toHaveLength(3);
    for (const text of ['crossed, inconclusive', 'no statement; the harness sent late', 'not proven; 40 samples'])
      expect(terminal.join('\n')).toContain(text);
    expect(markdown.match(/^\| \? /gm)).toHaveLength(3);
    expect((await renderHtml(run, judgement)).match(/<tr class="warn">/g)).toHaveLength(3);
  });

  it('is no success for CI', () => {
    const { judgement, junit } = rendered([crossed, late, unproven]);
    expect(junit).toMatch(/<error type="inconclusive" message="crossed, of level inconclusive: measured 900 ms/);
    expect(junit).toMatch(/<error type="inconclusive" message="inconclusive: measured 120 ms/);
    expect(junit).toMatch(/<skipped message="no statement: [^"]*the harness sent late/);
    expect(githubAnnotations(judgement).map((line) => /^::(\w+)/.exec(line)?.[1])).toEqual(['error', 'error']);
  });
});
