import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import type { Selector, Threshold } from '../../src/model/threshold.js';
import { buildRun, type Fate, type PhasePlan, REFUSED, type RunPlan, threshold } from '../record/build-run.js';

const PHASES: PhasePlan[] = [
  { name: 'baseline', kind: 'baseline', ms: 3000 },
  { name: 'warm', ms: 3000 },
  { name: 'switch', ms: 6000 },
];
const FLOWS = [
  { name: 'checkout', weight: 1 },
  { name: 'report', weight: 1 },
];

/** From when to when each flow is out, ms. */
type Spans = Record<string, [from: number, to: number]>;

const within = (spans: Spans, flow: string, dueAt: number) => {
  const [from, to] = spans[flow] ?? [0, 0];
  return dueAt >= from && dueAt < to;
};
const frozen =
  (spans: Spans): Fate =>
  ({ flow, dueAt }) => ({ latencyMs: within(spans, flow, dueAt) ? (spans[flow]?.[1] ?? 0) - dueAt + 1 : 1 });
const refused =
  (spans: Spans): Fate =>
  ({ flow, dueAt }) =>
    within(spans, flow, dueAt) ? { outcome: REFUSED } : {};

const below = (metric: 'stall' | 'outage', value: number, selector: Selector = {}, rest: Partial<Threshold> = {}) =>
  threshold(metric, { comparison: '<', value, selector, ...rest });

/** Of the last threshold, its first row. */
const row = (fate: Fate, thresholds: Threshold[], plan: RunPlan = {}) => {
  const judgement = judge(buildRun({ phases: PHASES, flows: FLOWS, fate, thresholds, ...plan }));
  return judgement.thresholds.find(({ name }) => name.includes('{'));
};

describe('of flows that stall one after the other', () => {
  const fate = frozen({ report: [3100, 6100], checkout: [6000, 8800] });
  const all = below('stall', 10_000);

  it('each step has the stall that began in it', () => {
    const of = (step: string) => row(fate, [all, below('stall', 1000, { step })]);
    expect(of('switch')).toMatchObject({ ok: false, actual: expect.closeTo(2800, -2) });
    expect(of('warm')).toMatchObject({ ok: false, actual: expect.closeTo(3000, -2) });
  });

  it('a step with both of them has one', () => {
    const both = frozen({ report: [6100, 8000], checkout: [6500, 8500] });
    const count = below('stall', 2, { step: 'switch' }, { aggregate: 'count' });
    expect(row(both, [count])).toMatchObject({ ok: true, actual: 1 });
  });
});

describe('of flows that stall or fail at the same time', () => {
  const spans: Spans = { report: [6000, 9000], checkout: [6500, 7100] };

  it('each has its own stall', () => {
    const of = (flow: string) => row(frozen(spans), [below('stall', 10_000), below('stall', 1000, { flow })]);
    expect(of('checkout')).toMatchObject({ ok: true, actual: expect.closeTo(600, -2) });
    expect(of('report')).toMatchObject({ ok: false, actual: expect.closeTo(3000, -2) });
  });

  it('each has its own outage', () => {
    const of = (flow: string) => row(refused(spans), [below('outage', 1000, { flow })]);
    expect(of('checkout')).toMatchObject({ ok: true, actual: expect.closeTo(600, -2) });
    expect(of('report')).toMatchObject({ ok: false, actual: expect.closeTo(3000, -2) });
  });
});

describe('the outage of a step', () => {
  it('is that of the flows that failed in it', () => {
    const fate = refused({ report: [3100, 5950], checkout: [5900, 6400] });
    const of = (step: string) => row(fate, [below('outage', 1000, { step })]);
    expect(of('switch')).toMatchObject({ ok: true, actual: expect.closeTo(500, -2) });
    expect(of('warm')).toMatchObject({ ok: false, actual: expect.closeTo(3300, -2) });
  });

  it('ends when any of them succeeds again, that of a flow with its own success', () => {
    const flows = [
      { name: 'busy', weight: 49 },
      { name: 'rare', weight: 1 },
    ];
    const fate = refused({ busy: [6800, 7200], rare: [6800, 7200] });
    const of = (selector: Selector) => row(fate, [below('outage', 5000, selector)], { flows })?.actual;
    expect(of({ step: 'switch' })).toBeCloseTo(400, -2);
    expect(of({ flow: 'rare' })).toBeCloseTo(1000, -2);
  });
});
