import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import { abortReasons, baselineFailures } from '../../src/judge/live.js';
import type { Run } from '../../src/model/run.js';
import type { Threshold } from '../../src/model/threshold.js';
import type { ThresholdResult } from '../../src/model/verdict.js';
import { buildRun, DEFAULTS, type Fate, PHASES, type PhasePlan, REFUSED, threshold } from '../record/build-run.js';

const TIMES_2: Partial<Threshold> = {
  aggregate: { p: 99 },
  comparison: '<',
  value: 2,
  timesBaseline: true,
  expression: 'p(99)<2*baseline',
};
const RATE_0 = threshold('http_req_failed', { aggregate: 'rate', expression: 'rate==0' });

const rowsOf = (thresholds: Threshold[], fate: Fate = () => ({}), more = {}) =>
  judge(buildRun({ thresholds, fate, ...more })).thresholds;
const brief = (rows: ThresholdResult[]) => rows.map(({ name, phase, ok }) => [name, phase, ok]);

describe('a threshold', () => {
  it('without a selector is judged on everything after the baseline and on each step', () => {
    const rows = rowsOf([RATE_0], ({ seq }) => (seq === 360 ? { outcome: REFUSED } : {}));
    expect(brief(rows)).toEqual([
      ['http_req_failed', 'run', false],
      ['http_req_failed', 'build', true],
      ['http_req_failed', 'migrate', false],
      ['http_req_failed', 'reload', true],
      ['http_req_failed', 'rollback', true],
    ]);
  });

  it('with a step replaces the one without there', () => {
    const lenient = threshold('http_req_failed', {
      selector: { step: 'migrate' },
      aggregate: 'rate',
      comparison: '<',
      value: 0.1,
      expression: 'rate<0.1',
    });
    const rows = rowsOf([RATE_0, lenient], ({ seq }) => (seq === 360 ? { outcome: REFUSED } : {}));
    expect(brief(rows)).toEqual([
      ['http_req_failed', 'run', false],
      ['http_req_failed', 'build', true],
      ['http_req_failed', 'reload', true],
      ['http_req_failed', 'rollback', true],
      ['http_req_failed{step:migrate}', 'migrate', true],
    ]);
  });

  it('of a step that never ran is inconclusive', () => {
    const missing = threshold('http_req_failed', { selector: { step: 'canary' }, aggregate: 'rate' });
    const judgement = judge(buildRun({ thresholds: [missing] }));
    expect(judgement).toMatchObject({ gate: 'inconclusive', exitCode: 98 });
    expect(judgement.thresholds[0]).toMatchObject({ ok: null, note: 'canary did not run' });
  });

  it('selects flows, connection kinds and versions', () => {
    const fate: Fate = ({ seq }) => ({
      connection: seq % 5 === 0 ? 'fresh' : 'reused',
      ...(seq === 455 ? { outcome: REFUSED } : {}),
    });
    const by = (selector: Threshold['selector']) => rowsOf([{ ...RATE_0, selector }], fate)[0]?.ok;
    expect([by({ connection: 'fresh' }), by({ connection: 'reused' })]).toEqual([false, true]);
    expect([by({ flow: 'home' }), by({ version: 'v2' })]).toEqual([false, true]);
  });

  it('of a small phase is judged with the next, the last with the previous', () => {
    const phases: PhasePlan[] = [
      ...PHASES.slice(0, 2),
      { name: 'build', kind: 'build', ms: 100 },
      { name: 'migrate', kind: 'migrate', ms: 1000 },
      { name: 'reload', kind: 'reload', ms: 1000 },
      { name: 'rollback', kind: 'rollback', role: 'rehearsal', ms: 120 },
    ];
    const rows = rowsOf([RATE_0], () => ({}), { phases });
    expect(rows.map(({ phase }) => phase)).toEqual(['run', 'build + migrate', 'reload + rollback']);
  });

  it('at level warn never fails the gate, at level inconclusive it makes it so', () => {
    const at = (level: Threshold['level']) =>
      judge(buildRun({ thresholds: [threshold('retryable', { aggregate: 'count', comparison: '>', level })] }));
    expect(at('warn')).toMatchObject({ verdict: 'zero-downtime', gate: 'pass', exitCode: 0 });
    expect(at('inconclusive')).toMatchObject({ verdict: 'zero-downtime', gate: 'inconclusive', exitCode: 98 });
    expect(at('fail')).toMatchObject({ verdict: 'zero-downtime', gate: 'fail', exitCode: 99 });
  });

  it('on the time of a rollback is crossed, left out as a default, or inconclusive as a wish', () => {
    const time = (rest: Partial<Threshold>) => threshold('rollback_time', { comparison: '<', ...rest });
    const without = { phases: PHASES.slice(0, 5), end: { servesNow: 'v2' } };
    expect(rowsOf([time({ value: 100 })])[0]).toMatchObject({ actual: 399, ok: false, phase: 'run' });
    expect(rowsOf([time({ value: 100, origin: 'default' })], undefined, without)).toEqual([]);
    expect(rowsOf([time({ value: 100 })], undefined, without)[0]?.ok).toBeNull();
  });
});

describe('a latency threshold', () => {
  const p99 = (value: number) => threshold('latency', { aggregate: { p: 99 }, comparison: '<', value });

  it('is absolute from enough samples on, with failures at their timeout', () => {
    const fate: Fate = ({ seq }) => ({ latencyMs: 30, ...(seq % 20 === 0 ? { outcome: REFUSED } : {}) });
    expect(rowsOf([p99(500)], () => ({ latencyMs: 30 }))[0]).toMatchObject({ ok: true });
    expect(rowsOf([p99(500)], fate)[0]?.actual).toBeGreaterThan(4990);
  });

  it('says nothing of a step with too few samples, and the run still counts', () => {
    const rows = rowsOf([p99(500)]);
    expect(brief(rows)).toEqual([
      ['latency', 'run', true],
      ['latency', 'migrate', true],
      ['latency', 'reload', true],
      ['latency', 'rollback', true],
    ]);
  });

  const times2 = (fate: Fate, more = {}) =>
    rowsOf([threshold('latency', TIMES_2)], fate, { ratePerSec: 100, ...more }).find(({ phase }) => phase === 'run');
  const slower =
    (ms: number): Fate =>
    ({ phase }) => ({ latencyMs: phase === 'baseline' ? 10 : ms });

  it('of the baseline is kept below its factor, and also above by less than 20 ms', () => {
    expect(times2(slower(19))).toMatchObject({ ok: true, note: '' });
    expect(times2(slower(35))?.ok).toBe(true);
    expect(times2(slower(35))?.note).toContain('noise');
  });

  it('of the baseline is crossed by 20 ms above its factor in two different seconds', () => {
    const row = times2(slower(60));
    expect(row).toMatchObject({ ok: false, note: '' });
    expect(row?.limit).toBeCloseTo(20, 1);
  });

  it('is not crossed within a single second, but for an excess over 250 ms', () => {
    const burst =
      (ms: number): Fate =>
      ({ dueAt }) => ({ latencyMs: dueAt >= 9_100 && dueAt < 9_500 ? ms : 10 });
    expect(times2(burst(200))).toMatchObject({ ok: null, note: 'above it, but within the noise of both' });
    expect(times2(burst(400))).toMatchObject({ ok: false });
  });

  it('says nothing against the baseline where more arrived than in it, which a limit of its own still does', () => {
    const thresholds = [threshold('latency', { ...TIMES_2, origin: 'default' }), p99(40)];
    const run = buildRun({ thresholds, fate: slower(60), ratePerSec: 100 });
    const busier = run.phases.map((phase) => (phase.name === 'reload' ? { ...phase, due: 2 * phase.due } : phase));
    const rows = judge({ ...run, phases: busier }).thresholds.filter(({ phase }) => phase === 'run');
    expect(rows[0]).toMatchObject({ ok: null, note: expect.stringContaining('and 100 in the baseline') });
    expect(rows[1]).toMatchObject({ ok: false });
  });

  it('says nothing from fewer than 299 samples, which is inconclusive only where the user asked', () => {
    const by = (origin: Threshold['origin']) =>
      judge(buildRun({ thresholds: [threshold('latency', { ...TIMES_2, origin })], fate: slower(60) }));
    expect(by('default')).toMatchObject({ verdict: 'zero-downtime', gate: 'pass', exitCode: 0 });
    expect(by('user')).toMatchObject({ gate: 'inconclusive', exitCode: 98 });
    expect(by('user').thresholds[0]?.note).toContain('250 samples in the baseline');
  });

  it('is inconclusive, for a default too, where only the harness was late', () => {
    const late: Fate = ({ phase }) => (phase === 'baseline' ? { latencyMs: 10 } : { latencyMs: 60, lateMs: 50 });
    const thresholds = [threshold('latency', { ...TIMES_2, origin: 'default' })];
    const judgement = judge(buildRun({ thresholds, fate: late, ratePerSec: 100 }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98 });
    expect(judgement.reasons[0]).toContain('the harness sent late');
  });

  it('cannot be judged where the hypervisor took more of the CPU than in the baseline, by the share the quantile leaves', () => {
    const run = buildRun({
      thresholds: [threshold('latency', { ...TIMES_2, origin: 'default' })],
      fate: slower(60),
      ratePerSec: 100,
    });
    const judged = (share: (phase: string) => number) => {
      const stolen = run.phases.map(({ name, startAt, endAt }) => ({ from: startAt, to: endAt, share: share(name) }));
      const machine = { ...run.generator.machine, stolen };
      return judge({ ...run, generator: { ...run.generator, machine } });
    };
    expect(judged(() => 0.1)).toMatchObject({ gate: 'fail', exitCode: 99 });
    expect(judged((phase) => (phase === 'baseline' ? 0 : 0.009))).toMatchObject({ gate: 'fail', exitCode: 99 });
    const robbed = judged((phase) => (phase === 'baseline' ? 0.01 : 0.05));
    expect(robbed).toMatchObject({ verdict: 'inconclusive', exitCode: 98 });
    expect(robbed.reasons[0]).toContain('the hypervisor took 5 % of the CPU time, and 1 % in the baseline');
  });

  it('that is absolute is inconclusive too where only the harness was late', () => {
    const late: Fate = ({ phase }) => (phase === 'baseline' ? { latencyMs: 10 } : { latencyMs: 60, lateMs: 50 });
    const thresholds = [
      threshold('latency', { expression: 'p(99)<40', aggregate: { p: 99 }, comparison: '<', value: 40 }),
    ];
    const judgement = judge(buildRun({ thresholds, fate: late, ratePerSec: 100 }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98 });
    expect(judgement.reasons[0]).toContain('the harness was late');
  });

  it('crossed leaves zero downtime what it is, and fails the gate', () => {
    const judgement = judge(buildRun({ thresholds: DEFAULTS, fate: slower(60), ratePerSec: 100 }));
    expect(judgement).toMatchObject({ verdict: 'zero-downtime', gate: 'fail', exitCode: 99 });
    expect(judgement.headline).toContain('; but latency is 60 ms, and the threshold is p(99)<2*baseline (20 ms)');
  });
});

describe('a stall threshold', () => {
  it('is twice the longest of the baseline for a flow that is slow by nature', () => {
    const slow =
      (ms: number): Fate =>
      ({ phase }) => ({ latencyMs: phase === 'reload' ? ms : 800 });
    const one = (ms: number) => judge(buildRun({ thresholds: DEFAULTS, fate: slow(ms), ratePerSec: 1 }));
    expect(one(1500).thresholds.find(({ metric }) => metric === 'stall')).toMatchObject({ ok: true, limit: 1600 });
    expect(one(1700).thresholds.find(({ metric }) => metric === 'stall')).toMatchObject({ ok: false, limit: 1600 });
    expect(one(1700).verdict).toBe('downtime');
  });
});

describe('while the run is live', () => {
  it('the baseline does not hold where it crosses a failure threshold', () => {
    const reasons = (fate: Fate, thresholds = DEFAULTS) =>
      baselineFailures(buildRun({ phases: PHASES.slice(0, 2), fate, thresholds }));
    expect(reasons(() => ({}))).toEqual([]);
    expect(reasons(({ seq }) => (seq === 100 ? { outcome: REFUSED } : {}))).toHaveLength(3);
    expect(reasons(() => ({ outcome: REFUSED }))).toEqual(['all 250 requests of the baseline failed']);
    expect(reasons(() => ({ latencyMs: 700 }))).toEqual([]);
    const frozen: Fate = ({ dueAt }) => ({ latencyMs: dueAt >= 2_000 && dueAt < 3_500 ? 3_501 - dueAt : 1 });
    expect(reasons(frozen)).toEqual(['no request of home succeeded for 1.5 s in the baseline']);
    const budget = threshold('http_req_failed', { aggregate: 'rate', comparison: '<', value: 0.05 });
    expect(reasons(({ seq }) => (seq === 100 ? { outcome: REFUSED } : {}), [budget])).toEqual([]);
  });

  it('a threshold with abortOnFail is a reason to abort, once its delay is over', () => {
    const abort = (delayAbortEvalMs: number) => [{ ...RATE_0, abortOnFail: true, delayAbortEvalMs }];
    const fate: Fate = ({ seq }) => (seq === 360 ? { outcome: REFUSED } : {});
    expect(abortReasons(buildRun({ thresholds: abort(0), fate }))[0]).toContain('http_req_failed is');
    expect(abortReasons(buildRun({ thresholds: abort(60_000), fate }))).toEqual([]);
    expect(abortReasons(buildRun({ thresholds: [RATE_0], fate }))).toEqual([]);
    expect(
      abortReasons(buildRun({ thresholds: abort(0), fate: ({ seq }) => (seq === 100 ? { outcome: REFUSED } : {}) })),
    ).toEqual([]);
  });

  it('lengths and the volume are left to the joined record where this is one shard of several', () => {
    const inShard = (run: Run): Run => ({ ...run, header: { ...run.header, shard: { number: 1, of: 4 } } });
    const frozen: Fate = ({ dueAt }) => ({ latencyMs: dueAt >= 2_000 && dueAt < 3_500 ? 3_501 - dueAt : 1 });
    const baseline = buildRun({ phases: PHASES.slice(0, 2), fate: frozen });
    expect(baselineFailures(baseline)).toEqual(['no request of home succeeded for 1.5 s in the baseline']);
    expect(baselineFailures(inShard(baseline))).toEqual([]);
    const lengths = [
      threshold('stall', { comparison: '<', value: 500 }),
      threshold('outage', { comparison: '<', value: 100 }),
      threshold('http_reqs', { aggregate: 'rate', comparison: '>', value: 100 }),
    ];
    const fate: Fate = ({ dueAt }) => (dueAt >= 10_000 && dueAt < 11_500 ? { outcome: REFUSED } : {});
    const crossed = (thresholds: Threshold[]): Run =>
      buildRun({ thresholds: thresholds.map((each) => ({ ...each, abortOnFail: true })), fate });
    expect(abortReasons(crossed(lengths))).toHaveLength(3);
    expect(abortReasons(inShard(crossed(lengths)))).toEqual([]);
    expect(abortReasons(inShard(crossed([...lengths, RATE_0])))).toEqual([
      expect.stringContaining('http_req_failed is'),
    ]);
  });
});

describe('properties of every judgement', () => {
  it('failed requests of the phases sum to the total, and any of them is downtime that no rate turns into a pass', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 310, max: 940 }), { maxLength: 20 }), (failing) => {
        for (const factor of [1, 2]) {
          const fate: Fate = ({ seq }) => (failing.includes(seq / factor) ? { outcome: REFUSED } : {});
          const judgement = judge(buildRun({ fate, ratePerSec: 50 * factor }));
          const failures = judgement.bound.phases.reduce((sum, phase) => sum + phase.failures, 0);
          expect(failures).toBe(failing.length);
          expect(judgement.verdict).toBe(failing.length > 0 ? 'downtime' : 'zero-downtime');
          expect(judgement.exitCode).toBe(failing.length > 0 ? 99 : 0);
          expect(judgement.reasons.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 20 },
    );
  });
});
