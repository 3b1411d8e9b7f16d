import { describe, expect, it } from 'vitest';
import { latencyIntervalsOf } from '../../src/judge/latency-intervals.js';
import { measure } from '../../src/judge/measure.js';
import { latencyIntervalsHtml } from '../../src/report/html/latency-intervals.js';
import { latencyIntervalsJson } from '../../src/report/latency-intervals-values.js';
import { buildRun, type Fate, type RunPlan } from '../record/build-run.js';

const intervals = (plan: RunPlan) => latencyIntervalsOf(measure(buildRun(plan)));
const rowOf = (plan: RunPlan, phase: string) => intervals(plan).rows.find((row) => row.phase === phase);

/** From 0 to 10 ms, the same in every second. */
const spread =
  (factor: number): Fate =>
  ({ seq, phase }) => ({ latencyMs: ((seq * 37) % 100) * 0.1 * (phase === 'reload' ? factor : 1) + 1 });

describe('the intervals of the p99', () => {
  it('hold their estimate, for the baseline, the run and each step', () => {
    const { baseline, rows, confidence, quantile } = intervals({ ratePerSec: 200, fate: spread(1) });
    expect({ confidence, quantile }).toEqual({ confidence: 0.95, quantile: 0.99 });
    expect(rows.map(({ phase }) => phase)).toEqual(['run', 'build', 'migrate', 'reload', 'rollback']);
    for (const { estimate, lower, upper } of [baseline, ...rows]) {
      if (lower !== null) expect(lower).toBeLessThanOrEqual(estimate as number);
      if (upper !== null) expect(upper).toBeGreaterThanOrEqual(estimate as number);
    }
    // The last request of the warm-up ends in it, and its own last one in the next step.
    expect(Math.abs(baseline.samples - 1000)).toBeLessThanOrEqual(1);
  });

  it('have no upper limit where 0.99^n is over 2.5 %, and none for a ratio where it is over 1.25 %', () => {
    const at = (ratePerSec: number) => rowOf({ ratePerSec, fate: spread(1) }, 'migrate');
    expect(at(183)?.upper).toBeNull();
    expect(at(185)).toMatchObject({ upper: expect.any(Number), ratio: { upper: null, moved: null } });
    expect(at(219)?.ratio.upper).toEqual(expect.any(Number));
  });

  it('call a step slower or faster only where the whole interval of the ratio is', () => {
    const reload = (factor: number) => rowOf({ ratePerSec: 200, fate: spread(factor) }, 'reload')?.ratio;
    expect(reload(1)).toMatchObject({ moved: null });
    expect(reload(3)).toMatchObject({ moved: 'slower' });
    expect(reload(0.2)).toMatchObject({ moved: 'faster' });
    const ratio = reload(3);
    expect(ratio?.estimate).toBeGreaterThan(ratio?.lower as number);
    expect(ratio?.estimate).toBeLessThan(ratio?.upper as number);
  });

  it('of a ratio are wider than those of its parts would make it', () => {
    const { baseline, rows } = intervals({ ratePerSec: 200, fate: spread(2) });
    const reload = rows.find(({ phase }) => phase === 'reload');
    const plain = (reload?.lower as number) / (baseline.upper as number);
    expect(reload?.ratio.lower).toBeLessThanOrEqual(plain);
  });

  it('miss the true ratio of 1 in fewer than 5 % of runs, with exponential latencies', () => {
    let state = 12_345;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    const phases = [
      { name: 'warmup', kind: 'warmup' as const, ms: 100 },
      { name: 'baseline', kind: 'baseline' as const, ms: 2500 },
      { name: 'reload', kind: 'reload' as const, ms: 2500 },
    ];
    const fate: Fate = () => ({ latencyMs: 1 - 10 * Math.log(random()) });
    const runs = Array.from({ length: 60 }, () => rowOf({ ratePerSec: 200, phases, fate }, 'run')?.ratio);
    const missed = runs.filter((ratio) => ratio?.moved !== null).length;
    expect(missed).toBeLessThanOrEqual(3);
  });

  it('are null without a baseline, and nothing breaks', () => {
    const phases = [
      { name: 'warmup', kind: 'warmup' as const, ms: 1000 },
      { name: 'reload', kind: 'reload' as const, ms: 3000 },
    ];
    const found = intervals({ phases, fate: spread(1) });
    expect(found.baseline).toEqual({ samples: 0, estimate: null, lower: null, upper: null });
    expect(found.rows[0]?.ratio).toEqual({ estimate: null, lower: null, upper: null, moved: null });
    expect(latencyIntervalsHtml(found)?.text).toContain('too few requests');
  });

  it('are numbers in run.json, and null where there are none', () => {
    const found = latencyIntervalsJson(intervals({ ratePerSec: 200, fate: spread(3) }));
    expect(found.rows.map(({ phase, ratio }) => [phase, ratio.moved])).toContainEqual(['reload', 'slower']);
    expect(found.rows.find(({ phase }) => phase === 'build')?.upperMs).toBeNull();
  });

  it('are shown as a table', () => {
    const text = latencyIntervalsHtml(intervals({ ratePerSec: 200, fate: spread(3) }))?.text ?? '';
    expect(text).toContain('slower');
    expect(text).toMatch(/baseline<\/th><td class="n">[\d,]+<\/td>/);
    expect(text).not.toMatch(/NaN|Infinity|null/);
  });
});
