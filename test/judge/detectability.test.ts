import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectabilityOf } from '../../src/judge/detectability.js';
import { judge } from '../../src/judge/judge.js';
import { measure } from '../../src/judge/measure.js';
import { trialsForRate95 } from '../../src/judge/statistics.js';
import { outageSeen, partialSeen, type Visibility } from '../../src/model/detectability.js';
import type { Threshold } from '../../src/model/threshold.js';
import { chanceText, detectabilityJson, detectabilityLine } from '../../src/report/detectability-values.js';
import { detectabilityHtml } from '../../src/report/html/detectability.js';
import { buildRun, DEFAULTS, REFUSED, type RunPlan, threshold } from '../record/build-run.js';

const of = (plan: RunPlan = {}) => detectabilityOf(measure(buildRun(plan)));
const rowOf = (plan: RunPlan = {}, phase = 'run', flow: string | null = null) =>
  of(plan).rows.find((row) => row.phase === phase && row.flow === flow) as Visibility;

const steady = (ratePerSec: number, forMs = 10_000, gapMs = 1000 / ratePerSec): Visibility => ({
  phase: 'run',
  flow: null,
  requests: (ratePerSec * forMs) / 1000,
  forMs,
  gapMs,
  parts: [{ forMs, ratePerSec, gapMs }],
  outage95Ms: null,
  share95: { oneSecond: null, throughout: null },
});

describe('a complete outage', () => {
  it('is seen with its length over the gap, in an even schedule', () => {
    const row = steady(50);
    expect([1, 5, 10, 19, 20, 500].map((ms) => outageSeen('even', row, ms))).toEqual([0.05, 0.25, 0.5, 0.95, 1, 1]);
  });

  it('is seen with 1 - exp(-rate L) in a Poisson schedule, and surely from the largest gap on', () => {
    const row = steady(50, 10_000, 140);
    expect(outageSeen('poisson', row, 20)).toBeCloseTo(1 - Math.exp(-1), 12);
    expect(outageSeen('poisson', row, 139)).toBeCloseTo(1 - Math.exp(-6.95), 12);
    expect(outageSeen('poisson', row, 140)).toBe(1);
  });

  it('is never seen less than the sends on record would have shown', () => {
    // Outages of every length at every moment, against sends with any gaps: min(1, L / G) is a lower limit.
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 1, max: 250 }),
        (gaps, lengthMs) => {
          const total = gaps.reduce((a, b) => a + b, 0);
          const truth = gaps.reduce((sum, gap) => sum + Math.min(gap, lengthMs), 0) / total;
          const row = steady((1000 * gaps.length) / total, total, Math.max(...gaps));
          expect(outageSeen('even', row, lengthMs)).toBeLessThanOrEqual(truth + 1e-12);
        },
      ),
    );
  });

  it('begins in each phase as often as that is long, so that one late send spoils one phase alone', () => {
    const row = { ...steady(50), parts: [...steady(50, 9000).parts, ...steady(50, 1000, 200).parts] };
    expect(outageSeen('even', row, 20)).toBeCloseTo(0.9 + 0.1 * 0.1, 12);
  });

  it('is seen by nobody where nothing was sent', () => {
    expect(outageSeen('even', { ...steady(50), requests: 0 }, 5000)).toBe(0);
    const silent = { ...steady(50), requests: 1, parts: [{ forMs: 1000, ratePerSec: 1, gapMs: null }] };
    expect(outageSeen('even', silent, 500)).toBe(0);
  });
});

describe('a partial outage', () => {
  it('is seen with 1 - (1 - p)^N, N being the sends meanwhile', () => {
    expect(partialSeen('even', steady(50), 0.1, 200)).toBeCloseTo(1 - 0.9 ** 10, 12);
    expect(partialSeen('even', steady(50), 0.1, 210)).toBeCloseTo(1 - (0.5 * 0.9 ** 10 + 0.5 * 0.9 ** 11), 12);
    expect(partialSeen('poisson', steady(50), 0.1, 200)).toBeCloseTo(1 - Math.exp(-1), 12);
  });

  it('that lasts throughout meets every request', () => {
    expect(partialSeen('even', steady(50), 0.01, 60_000)).toBeCloseTo(1 - 0.99 ** 500, 12);
  });

  it('of all requests is a complete one', () => {
    for (const ms of [1, 7, 19, 20, 33])
      expect(partialSeen('even', steady(50), 1, ms)).toBeCloseTo(outageSeen('even', steady(50), ms), 12);
  });

  it('is seen the more, the larger its share and the longer it is', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const ms = fc.integer({ min: 1, max: 9000 });
    fc.assert(
      fc.property(fc.constantFrom('even' as const, 'poisson' as const), share, share, ms, ms, (arrival, p, q, d, e) => {
        const row = steady(50);
        const low = partialSeen(arrival, row, Math.min(p, q), Math.min(d, e));
        const high = partialSeen(arrival, row, Math.max(p, q), Math.max(d, e));
        expect(low).toBeLessThanOrEqual(high + 1e-9);
      }),
    );
  });
});

describe('what a run would have seen', () => {
  it('is said of the run and of each step, for all the traffic and for each flow', () => {
    const flows = [
      { name: 'home', weight: 3 },
      { name: 'cart', weight: 1 },
    ];
    const { rows } = of({ flows });
    expect(rows.map(({ phase, flow }) => `${phase}/${flow}`)).toEqual(
      ['run', 'build', 'migrate', 'reload', 'rollback'].flatMap((phase) => [
        `${phase}/null`,
        `${phase}/home`,
        `${phase}/cart`,
      ]),
    );
    const gaps = rows.slice(0, 3).map(({ gapMs, requests }) => [gapMs, requests]);
    expect(gaps).toEqual([
      [20, 650],
      [40, 488],
      [80, 162],
    ]);
  });

  it('comes from the gaps on record', () => {
    const late = ({ dueAt }: { dueAt: number }) =>
      dueAt >= 9_000 && dueAt < 9_200 ? { lateMs: 9_200 - dueAt, latencyMs: 9_201 - dueAt } : {};
    expect(rowOf({}).outage95Ms).toBeCloseTo(19, 6);
    expect(rowOf({ fate: late }, 'reload').outage95Ms).toBeCloseTo(0.95 * 220, 3);
    expect(rowOf({ fate: late }, 'rollback').outage95Ms).toBeCloseTo(19, 6);
  });

  it('gives the least share of failures that would have been seen', () => {
    const { share95 } = rowOf({});
    expect(share95.throughout).toBeCloseTo(1 - 0.05 ** (1 / 650), 8);
    expect(share95.oneSecond).toBeCloseTo(1 - 0.05 ** (1 / 50), 8);
  });

  it('does not count answers of a firewall', () => {
    const blocked = rowOf({
      fate: ({ seq }) => (seq === 400 ? { outcome: { kind: 'blocked', status: 429, detail: '' } } : {}),
    });
    expect(blocked.requests).toBe(649);
  });

  it('is never rounded up to certainty', () => {
    expect([0, 0.9499, 0.9996, 1].map(chanceText)).toEqual(['0 %', '94.9 %', 'over 99.9 %', '100 %']);
    const [row] = detectabilityJson(of({})).rows;
    expect(row?.outages.slice(0, 3)).toEqual([
      { ms: 5, seen: 0.25 },
      { ms: 10, seen: 0.5 },
      { ms: 20, seen: 1 },
    ]);
  });

  it('is one line of a short report, for the flow that saw least', () => {
    expect(detectabilityLine(of({}))).toBe(
      'With 95 % an outage from 19 ms on would have been seen, and failures of 0.46 % or more throughout.',
    );
    const flows = [
      { name: 'home', weight: 4 },
      { name: 'cart', weight: 1 },
    ];
    expect(detectabilityLine(of({ flows }))).toContain('an outage of cart from 95 ms on');
  });

  it('is drawn without script, with its values as a table, and escapes names', () => {
    const flows = [
      { name: 'home', weight: 1 },
      { name: '<b>', weight: 1 },
    ];
    const text = detectabilityHtml(of({ flows }))?.text ?? '';
    expect(text).toContain('<svg class="wide"');
    expect(text).toContain('The curve as a table');
    expect(text).not.toMatch(/<b>|NaN|Infinity|style=/);
  });
});

describe('a threshold that the run cannot support', () => {
  const judged = (limit: Threshold, plan: RunPlan = {}) =>
    judge(buildRun({ thresholds: [...DEFAULTS, limit], ...plan }));
  const rate = (value: number, rest: Partial<Threshold> = {}) =>
    threshold('http_req_failed', { aggregate: 'rate', comparison: '<', value, expression: `rate<${value}`, ...rest });
  const outage = (value: number, rest: Partial<Threshold> = {}) =>
    threshold('outage', { comparison: '<', value, expression: `max<${value}`, ...rest });

  it('on a rate takes as many requests as would prove it', () => {
    expect([0.5, 0.05, 0.01, 0.0001].map(trialsForRate95)).toEqual([5, 59, 299, 29_956]);
    expect([trialsForRate95(1), trialsForRate95(0)]).toEqual([1, Number.POSITIVE_INFINITY]);
  });

  it('on a rate is inconclusive, and names the rate and the hold that would do', () => {
    const judgement = judged(rate(0.0001));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98, healthy: true });
    expect(judgement.reasons).toEqual([
      'http_req_failed rate<0.0001 in run: 650 requests prove no rate below 0.46 %, and this one takes 29,956; at 2,400/s they would have come, or in 10 min 00 s at the same rate (a hold 9 min 47 s longer)',
    ]);
  });

  it('on a rate is kept where the requests suffice, and crossed whatever they are', () => {
    expect(judged(rate(0.01))).toMatchObject({ gate: 'pass', exitCode: 0 });
    const failing = { fate: ({ seq }: { seq: number }) => (seq === 500 ? { outcome: REFUSED } : {}) };
    expect(judged(rate(0.0001), failing)).toMatchObject({ verdict: 'downtime', gate: 'fail' });
  });

  it('on a rate of zero asks for no proof, and neither does a default or a warning', () => {
    expect(judged(rate(0, { comparison: '<=' })).gate).toBe('pass');
    expect(judged(rate(0.0001, { origin: 'default' })).gate).toBe('pass');
    expect(judged(rate(0.0001, { level: 'warn' })).gate).toBe('pass');
  });

  it('on an outage shorter than the gap between sends is inconclusive, and names the rate', () => {
    const judgement = judged(outage(10));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', healthy: true });
    expect(judgement.reasons).toEqual([
      'outage max<10 in run: nothing was sent for 20 ms, over the outage limit of 10 ms; 200/s would do, with a hold of any length: a longer one does not help',
    ]);
    expect(judged(outage(30)).gate).toBe('pass');
    expect(judged(outage(10, { level: 'warn' })).gate).toBe('pass');
  });

  it('on an outage of one flow goes by the gaps of that flow', () => {
    const flows = [
      { name: 'home', weight: 4 },
      { name: 'cart', weight: 1 },
    ];
    const ofCart = judged(outage(60, { selector: { flow: 'cart' } }), { flows });
    expect(ofCart.reasons[0]).toContain('nothing of cart was sent for 100 ms');
    expect(ofCart.reasons[0]).toContain('34/s of cart would do');
    expect(judged(outage(60, { selector: { flow: 'home' } }), { flows }).gate).toBe('pass');
  });

  it('on an outage is the lapse of a harness that was late where the schedule was dense enough', () => {
    const late = ({ dueAt }: { dueAt: number }) =>
      dueAt >= 9_000 && dueAt < 9_200 ? { lateMs: 9_200 - dueAt, latencyMs: 9_201 - dueAt } : {};
    const judgement = judged(outage(100), { fate: late });
    expect(judgement).toMatchObject({ verdict: 'inconclusive', healthy: false });
    expect(judgement.harnessReasons[0]).toBe('nothing was sent for 220 ms, over the outage limit of 100 ms');
  });

  it('on stalls names the rate too where the schedule was too sparse for it', () => {
    const judgement = judge(buildRun({ thresholds: DEFAULTS, ratePerSec: 1 }));
    expect(judgement.harnessReasons[0]).toBe(
      'nothing was sent for 1.0 s, over half the stall limit of 1.0 s; 4/s would do, with a hold of any length: a longer one does not help',
    );
  });

  it('on an outage under Poisson arrivals takes a rate at which no gap of the run is likely to be so long', () => {
    const reason = judged(outage(10), { arrival: 'poisson' }).reasons[0] ?? '';
    const perSec = Number(
      /limit of 10 ms; ([\d,]+)\/s would do, over the same 13\.0 s/.exec(reason)?.[1]?.replace(',', ''),
    );
    // Of rate T gaps one is longer than the limit with 5 % at most.
    expect(perSec * 13 * Math.exp(-perSec * 0.01)).toBeLessThan(0.05);
    expect(perSec).toBeLessThan(1500);
  });

  it('on a quantile names the rate and the hold', () => {
    const p999 = threshold('latency', {
      aggregate: { p: 99.9 },
      comparison: '<',
      value: 500,
      expression: 'p(99.9)<500',
    });
    const judgement = judged(p999);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive' });
    expect(judgement.reasons[0]).toBe(
      'latency p(99.9)<500 in run: 650 samples, and the quantile needs 1000; at 77/s they would have come, or in 20.0 s at the same rate (a hold 7.0 s longer)',
    );
  });

  it('against the baseline names the rate, and the baseline that would have been long enough', () => {
    const times2 = { aggregate: { p: 99 }, comparison: '<' as const, value: 2, timesBaseline: true };
    const [reason] = judge(
      buildRun({ thresholds: [threshold('latency', { ...times2, expression: 'p(99)<2*baseline' })] }),
    ).reasons;
    expect(reason).toContain('250 samples in the baseline, and the comparison needs 299; at 60/s they would have come');
    expect(reason).toContain('or with a baseline of 6.0 s');
  });
});
