import { describe, expect, it } from 'vitest';
import { baselineNoise } from '../../src/judge/baseline-noise.js';
import { judge } from '../../src/judge/judge.js';
import { buildRun, DEFAULTS, type Fate, PHASES, type RunPlan, threshold } from '../record/build-run.js';

/** The record at the end of the baseline, before any step. */
const early = (fate: Fate, more: Partial<RunPlan> = {}) =>
  baselineNoise(buildRun({ phases: PHASES.slice(0, 2), ratePerSec: 200, fate, end: null, ...more }));
const findings = (fate: Fate, more: Partial<RunPlan> = {}) =>
  judge(buildRun({ ratePerSec: 200, fate, ...more })).findings.filter(({ rule }) => rule === 'noisy-baseline');

/** Values from 0 to 1 that look random, the same each time. */
const noise = (seq: number) => ((seq * 2_654_435_761) % 2 ** 32) / 2 ** 32;
/** Exponential around 3 ms: a p99 of 14 ms. */
const ordinary: Fate = ({ seq }) => ({ latencyMs: 1 - 3 * Math.log(1 - noise(seq + 1)) });

const TIMES_2 = {
  aggregate: { p: 99 },
  comparison: '<' as const,
  value: 2,
  timesBaseline: true,
  expression: 'p(99)<2*baseline',
};

describe('an ordinary baseline', () => {
  it('is no reason for a warning: 5 s at 200 a second with a p99 of 5 to 20 ms', () => {
    expect(early(ordinary)).toEqual([]);
    expect(early(() => ({ latencyMs: 5 }))).toEqual([]);
    expect(findings(ordinary)).toEqual([]);
  });

  it('with a hiccup of 50 ms is none', () => {
    const hiccup: Fate = (a) => (a.dueAt >= 3000 && a.dueAt < 3050 ? { latencyMs: 3055 - a.dueAt } : ordinary(a));
    expect(early(hiccup)).toEqual([]);
  });

  it('of flows that differ and take turns is none, at a low rate either', () => {
    const flows = [
      { name: 'home', weight: 1 },
      { name: 'search', weight: 1 },
    ];
    const fate: Fate = ({ flow, seq }) => ({ latencyMs: flow === 'home' ? 5 : 100 + 10 * noise(seq) });
    expect(early(fate, { flows })).toEqual([]);
    expect(early(fate, { flows, ratePerSec: 10 }).filter((text) => text.includes('during the baseline'))).toEqual([]);
  });
});

describe('a noisy baseline', () => {
  /** Slow in about 1 %: whether the p99 is 5 ms or 400 ms is chance. */
  const unsure: Fate = ({ seq, phase }) => ({ latencyMs: phase === 'baseline' && seq % 100 === 7 ? 400 : 5 });

  it('is said before the release begins, with what would help', () => {
    expect(early(unsure)).toEqual([
      'the baseline is too noisy for latency p(99)<2*baseline: its quantile lies anywhere from 5.0 ms to 400 ms (1,000 samples), so that only a release slower than 820 ms crosses it. A baseline of 20.0 s, or 4 times the rate if the target can take it, halves that; look for what else is busy on its machine.',
    ]);
  });

  it('is a risk in the report, and turns no verdict', () => {
    expect(findings(unsure)).toMatchObject([{ severity: 'risk', phase: 'baseline' }]);
    expect(judge(buildRun({ ratePerSec: 200, fate: unsure }))).toMatchObject({ verdict: 'zero-downtime', exitCode: 0 });
  });

  it('is none where no threshold is held against it', () => {
    expect(early(unsure, { thresholds: [threshold('stall', { comparison: '<', value: 1000 })] })).toEqual([]);
  });

  it('in which the target warms up is said to be so', () => {
    const [text, ...rest] = early(({ dueAt }) => ({ latencyMs: Math.max(10, 100 - dueAt / 50) }));
    expect(rest).toEqual([]);
    expect(text).toMatch(
      /^the target was still warming up during the baseline: the median went from \d+ ms in its first/,
    );
    expect(text).toContain('longer warm-up');
  });

  it('in which the target becomes slower is said to be so', () => {
    expect(early(({ dueAt }) => ({ latencyMs: 10 + dueAt / 50 }))[0]).toContain('became slower during the baseline');
  });
});

describe('a short baseline', () => {
  const few = { ratePerSec: 50 };

  it('is said before the release begins, with the rate and the length that would do', () => {
    expect(early(ordinary, few)).toEqual([
      'the baseline is too short for latency p(99)<2*baseline: 250 samples, and 299 are needed. At 60/s they would have come, or with a baseline of 6.0 s.',
    ]);
  });

  it('is a finding only where the user asked', () => {
    expect(findings(ordinary, few)).toEqual([]);
    const thresholds = [...DEFAULTS.filter(({ metric }) => metric !== 'latency'), threshold('latency', TIMES_2)];
    expect(findings(ordinary, { ...few, thresholds })).toMatchObject([{ severity: 'note' }]);
  });

  it('takes more samples for a higher quantile', () => {
    const thresholds = [threshold('latency', { ...TIMES_2, aggregate: { p: 99.9 }, expression: 'p(99.9)<2*baseline' })];
    expect(early(ordinary, { thresholds })[0]).toContain('1,000 samples, and 2,995 are needed');
  });

  it('without any request is for others to say', () => {
    expect(early(() => ({ skip: true }))).toEqual([]);
  });
});
