import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceOf } from '../../src/judge/evidence.js';
import { measure } from '../../src/judge/measure.js';
import { oldChecksOf } from '../../src/judge/old-checks/old-checks.js';
import { versionChange } from '../../src/judge/version-change.js';
import type { RunEvent } from '../../src/model/event.js';
import type { OldCheck } from '../../src/model/old-checks.js';
import type { Run } from '../../src/model/run.js';
import { oldChecksTable } from '../../src/report/old-checks-text.js';
import {
  buildRun,
  type Fate,
  foldOf,
  lost,
  REFUSED,
  type RunPlan,
  record,
  TIMEOUT,
  wrong,
} from '../record/build-run.js';

const RESET = lost('reset');
/** The reload is ready at 8.5 s and lasts from 8 s to 13 s. */
const during = (from: number, to: number, fate: ReturnType<Fate>, other: ReturnType<Fate> = {}): Fate => {
  return ({ dueAt }) => (dueAt >= from && dueAt < to ? fate : other);
};

function checksOf(run: Run): Record<OldCheck['name'], OldCheck> {
  const m = measure(run);
  const checks = oldChecksOf(m, evidenceOf(m), versionChange(m));
  return Object.fromEntries(checks.map((check) => [check.name, check])) as Record<OldCheck['name'], OldCheck>;
}

const checks = (plan: RunPlan = {}) => checksOf(buildRun(plan));

/** A run of which some flows are sent with another method. */
function withMethods(methods: Record<string, string>, plan: RunPlan): Run {
  const recorded = record({ ...plan, flows: Object.keys(methods).map((name) => ({ name, weight: 1 })) });
  for (const flow of recorded.header.traffic.flows) flow.method = methods[flow.name] ?? 'GET';
  return foldOf(recorded).finish();
}

const FRESH = { connection: 'fresh' } as const;

describe('a curl loop on /health', () => {
  it('passes a good release, of which it could send ten checks a second', () => {
    const { 'health-loop': loop } = checks({ fate: () => FRESH });
    expect(loop).toMatchObject({ says: 'pass', failed: { atLeast: 0, atMost: 0 }, of: 130, missed: [] });
    expect(loop.numbers).toBe('no of some 130 checks failed');
  });

  it('fails where nobody could connect for two seconds, with a lower and an upper limit', () => {
    const { 'health-loop': loop } = checks({
      fate: during(8_000, 10_000, { ...FRESH, outcome: REFUSED }, FRESH),
    });
    // 20 times 100 ms; between the first and the last of them 1.8 s for sure, with 101 ms from check to check.
    expect(loop).toMatchObject({ says: 'fail', failed: { atLeast: 17, atMost: 20 } });
    expect(loop.numbers).toBe('at least 17 and at most 20 of some 130 checks failed');
  });

  it('may pass or fail where one fresh GET in many failed', () => {
    const { 'health-loop': loop } = checks({
      fate: ({ seq }) => (seq === 460 ? { ...FRESH, outcome: REFUSED } : FRESH),
    });
    expect(loop).toMatchObject({ says: 'unsure', failed: { atLeast: 0, atMost: 1 } });
  });

  it('is not sure to see errors of the app, though every other path fails for two seconds', () => {
    const { 'health-loop': loop } = checks({
      fate: during(8_000, 10_000, { ...FRESH, outcome: wrong(500) }, FRESH),
    });
    expect(loop).toMatchObject({ says: 'unsure', failed: { atLeast: 0, atMost: 20 } });
    expect(loop.missed).toEqual(['100 errors of the app itself, where /health does not show them']);
  });

  it('is not sure to see requests that time out: /health may be fast', () => {
    const { 'health-loop': loop } = checks({
      fate: during(8_000, 10_000, { ...FRESH, outcome: TIMEOUT, latencyMs: 5000 }, FRESH),
    });
    expect(loop.failed.atLeast).toBe(0);
    expect(loop.failed.atMost).toBe(20);
  });

  it('sends few checks where each hangs: the lower limit counts the longest answer around', () => {
    const slow: Fate = ({ dueAt }) =>
      dueAt >= 8_000 && dueAt < 10_000
        ? { ...FRESH, outcome: REFUSED }
        : { ...FRESH, latencyMs: dueAt >= 7_000 && dueAt < 8_000 ? 1_000 : 1 };
    expect(checks({ fate: slow })['health-loop'].failed.atLeast).toBe(1);
  });

  it('misses what fails on kept connections and in other methods', () => {
    const run = withMethods(
      { home: 'GET', order: 'POST' },
      {
        fate: ({ seq, flow, dueAt }) => {
          if (flow === 'order') return dueAt >= 9_000 && dueAt < 9_400 ? { ...FRESH, outcome: REFUSED } : FRESH;
          return seq % 4 === 0 && dueAt >= 9_000 && dueAt < 9_400 ? { outcome: RESET } : seq % 4 === 0 ? {} : FRESH;
        },
      },
    );
    const { 'health-loop': loop } = checksOf(run);
    expect(loop.missed).toEqual(['10 failed requests of POST', '5 failed GETs on kept connections']);
  });

  it('has nothing to say where no GET went over a fresh connection', () => {
    expect(checks()['health-loop']).toMatchObject({ says: 'nothing', of: 0 });
  });

  it('counts no failure of the baseline', () => {
    const { 'health-loop': loop } = checks({
      fate: during(2_000, 4_000, { ...FRESH, outcome: REFUSED }, FRESH),
    });
    expect(loop).toMatchObject({ says: 'pass', failed: { atLeast: 0, atMost: 0 } });
  });

  it('is sure of nothing where several services answer', () => {
    const recorded = record({
      flows: [
        { name: 'home', weight: 1 },
        { name: 'api', weight: 1 },
      ],
      fate: during(8_000, 10_000, { ...FRESH, outcome: REFUSED }, FRESH),
    });
    const [, api] = recorded.header.traffic.flows;
    if (api !== undefined) api.target = 'api';
    expect(checksOf(foldOf(recorded).finish())['health-loop']).toMatchObject({
      says: 'unsure',
      failed: { atLeast: 0, atMost: 20 },
    });
  });
});

describe('the limits of the loop', () => {
  /** What a loop meets that began `offset` ms after the first step: checks one after the other, 100 ms apart. */
  function loopOver(isDown: (at: number) => boolean, offset: number): number {
    let failed = 0;
    for (let at = 6_000 + offset; at < 19_000 - 1; at += 100 + 1) if (isDown(at)) failed++;
    return failed;
  }

  it('hold whatever is down for how long, and whenever the loop began', () => {
    const outage = fc.tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 1, max: 200 }));
    fc.assert(
      fc.property(fc.array(outage, { maxLength: 3 }), fc.integer({ min: 0, max: 100 }), (outages, offset) => {
        // In steps of 20 ms, in which there is a GET each.
        const spans = outages.map(([from, length]) => [6_000 + 20 * from, 6_000 + 20 * (from + length)] as const);
        const isDown = (at: number) => spans.some(([from, to]) => at >= from && at < to);
        const { failed } = checks({
          fate: ({ dueAt }) => (isDown(dueAt) ? { ...FRESH, outcome: REFUSED } : FRESH),
        })['health-loop'];
        const met = loopOver(isDown, offset);
        expect(met).toBeGreaterThanOrEqual(failed.atLeast);
        expect(met).toBeLessThanOrEqual(failed.atMost);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a load generator that repeats', () => {
  /** Every tenth GET is lost on its kept connection during 400 ms; the others go over fresh ones. */
  const resets = (fresh: ReturnType<Fate>): Fate => {
    return ({ seq, dueAt }) => {
      const isIn = dueAt >= 9_000 && dueAt < 9_400;
      if (seq % 5 === 0) return isIn ? { outcome: RESET } : {};
      return isIn ? { ...FRESH, ...fresh } : FRESH;
    };
  };

  it('sees no loss on a kept connection where the second try succeeds', () => {
    const { 'retrying-generator': generator } = checks({ fate: resets({}) });
    expect(generator).toMatchObject({ says: 'pass', failed: { atLeast: 0, atMost: 0 } });
    expect(generator.numbers).toBe('no of 650 requests failed');
    expect(generator.missed).toEqual(['4 GETs lost on kept connections, sent again and not counted']);
  });

  it('sees it where the second try cannot connect', () => {
    const { 'retrying-generator': generator } = checks({ fate: resets({ outcome: REFUSED }) });
    expect(generator).toMatchObject({ says: 'fail', failed: { atLeast: 20, atMost: 20 }, missed: [] });
  });

  it('may see it where some second tries could connect', () => {
    const fate: Fate = (a) => {
      const of = resets({})(a);
      return a.dueAt >= 9_000 && a.dueAt < 9_400 && a.seq % 5 === 1 ? { ...FRESH, outcome: REFUSED } : of;
    };
    expect(checks({ fate })['retrying-generator']).toMatchObject({ failed: { atLeast: 4, atMost: 8 } });
  });

  it('sees timeouts, refusals and statuses from 400 on', () => {
    const fate: Fate = ({ seq }) =>
      seq === 450 ? { outcome: wrong(502) } : seq === 460 ? { ...FRESH, outcome: REFUSED } : {};
    expect(checks({ fate })['retrying-generator']).toMatchObject({
      says: 'fail',
      failed: { atLeast: 2, atMost: 2 },
    });
    const timeouts = checks({ fate: ({ seq }) => (seq === 450 ? { outcome: TIMEOUT, latencyMs: 5000 } : {}) });
    expect(timeouts['retrying-generator'].failed).toEqual({ atLeast: 1, atMost: 1 });
  });

  it('counts an answer once that was cut after its status', () => {
    const cut = { kind: 'lost', cause: 'truncated', status: 500, detail: '' } as const;
    const failed = (plan: Fate) => checks({ fate: plan })['retrying-generator'].failed;
    expect(failed(({ seq }) => (seq === 450 ? { outcome: cut } : {}))).toEqual({ atLeast: 1, atMost: 2 });
    const good = { ...cut, status: 200 } as const;
    expect(failed(({ seq }) => (seq === 450 ? { outcome: good } : {}))).toEqual({ atLeast: 1, atMost: 1 });
  });

  it('does not look at the content of an answer, and sends no POST', () => {
    const content = { kind: 'wrong', cause: 'expectation', status: 200, detail: 'no sku' } as const;
    const run = withMethods(
      { home: 'GET', order: 'POST' },
      { fate: ({ seq }) => (seq === 460 ? { outcome: content } : seq === 461 ? { outcome: REFUSED } : {}) },
    );
    const { 'retrying-generator': generator } = checksOf(run);
    expect(generator).toMatchObject({ says: 'pass', failed: { atMost: 0 } });
    expect(generator.missed).toEqual([
      '1 failed request of POST',
      '1 answer with a good status and not what was expected',
    ]);
  });

  it('counts what a browser would send again as it counts what it sends again itself', () => {
    const outcome = { kind: 'retryable', cause: 'reset', status: null, detail: '' } as const;
    const fate: Fate = ({ seq }) => (seq === 460 ? { outcome } : seq % 5 === 0 ? {} : FRESH);
    expect(checks({ fate })['retrying-generator']).toMatchObject({
      says: 'pass',
      missed: ['1 GET lost on kept connections, sent again and not counted'],
    });
  });
});

describe('gates on errors alone', () => {
  it('pass with few errors among many requests, or fail on the first one', () => {
    const { 'error-rate': rate, 'no-errors': none } = checks({
      fate: ({ seq }) => (seq === 460 ? { outcome: REFUSED } : {}),
    });
    expect(rate).toMatchObject({ says: 'pass', failed: { atLeast: 1, atMost: 1 } });
    expect(rate.numbers).toBe('1 of 900 requests failed (0.111 %)');
    expect(rate.missed[0]).toBe('1 failed request, as there were so many others');
    expect(rate.missed[1]).toMatch(/^an outage of 20 ms$/);
    expect(none).toMatchObject({ says: 'fail', missed: [] });
  });

  it('fail where a hundredth of all requests failed', () => {
    const at = (n: number) =>
      checks({ fate: ({ seq }) => (seq >= 460 && seq < 460 + n ? { outcome: REFUSED } : {}) })['error-rate'].says;
    expect(at(8)).toBe('pass');
    expect(at(9)).toBe('fail');
  });

  it('miss a stall in which nothing failed, and no stall in which something did', () => {
    const stall: Fate = ({ dueAt }) => (dueAt >= 9_000 && dueAt < 11_000 ? { latencyMs: 11_000 - dueAt } : {});
    const missed = ['a stall: no request succeeded for 2.0 s'];
    expect(checks({ fate: stall })['no-errors']).toMatchObject({ says: 'pass', missed });
    const failing: Fate = (a) => (a.seq === 500 ? { outcome: REFUSED } : stall(a));
    expect(checks({ fate: failing })['no-errors'].missed).toEqual([]);
  });

  it('miss idle closes and a version that never changed', () => {
    const events: RunEvent[] = [
      { type: 'idle-closed', at: 2_000, idleMs: 50, how: 'fin' },
      { type: 'idle-closed', at: 9_100, idleMs: 50, how: 'rst' },
    ];
    expect(checks({ events, fate: () => ({ version: 'v1' }) })['no-errors']).toMatchObject({
      says: 'pass',
      missed: ['1 idle connection closed without notice', 'the version never changed (v1 before and after)'],
    });
  });

  it('miss writes that were acknowledged and lost', () => {
    const fault = { type: 'probe-fault', at: 9_000, probe: 'ledger', count: 'lost', since: 8_900, detail: '' } as const;
    const counts = { type: 'probe-counts', at: 9_000, probe: 'ledger', counts: { lost: 1 }, gauges: {} } as const;
    expect(checks({ probes: ['ledger'], events: [fault, counts] })['no-errors'].missed).toEqual([
      '1 acknowledged writes were lost in reload',
    ]);
  });
});

describe('the old checks of a run that sent nothing', () => {
  it('say nothing, rather than pass', () => {
    const all = Object.values(checks({ phases: [{ name: 'warmup', kind: 'warmup', ms: 1000 }] }));
    expect(all.map(({ says }) => says)).toEqual(['nothing', 'nothing', 'nothing', 'nothing']);
  });
});

describe('the old checks in Markdown', () => {
  it('are a table of four rows, with every text of the record made inert', () => {
    const all = Object.values(checks({ fate: () => ({ version: 'v1|x' }) }));
    const lines = oldChecksTable(all, (text) => text.replaceAll('|', '\\|')).split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toContain('the version never changed (v1\\|x before and after)');
  });

  it('are nothing without any', () => {
    expect(oldChecksTable([], String)).toBe('');
  });
});
