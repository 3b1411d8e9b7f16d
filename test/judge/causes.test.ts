import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cause } from '../../src/judge/causes/cause.js';
import { findingOf, rank } from '../../src/judge/causes/diagnose.js';
import { type Incident, incidentsOf } from '../../src/judge/causes/incident.js';
import { CAUSES } from '../../src/judge/causes/registry.js';
import { RUN_CAUSES } from '../../src/judge/causes/run-causes.js';
import { must, type Sign, sign, weightOf } from '../../src/judge/causes/sign.js';
import { viewOf } from '../../src/judge/causes/view.js';
import { evidenceOf } from '../../src/judge/evidence.js';
import { judge } from '../../src/judge/judge.js';
import { measure } from '../../src/judge/measure.js';
import { versionChange } from '../../src/judge/version-change.js';
import type { RunEvent } from '../../src/model/event.js';
import { buildRun, type Fate, lost, PHASES, type PhasePlan, REFUSED, type RunPlan } from '../record/build-run.js';
import { lines, saw, sees, watchHeader } from '../record/observations.js';

function incidents(plan: RunPlan): Incident[] {
  const m = measure(buildRun(plan));
  return incidentsOf(m, evidenceOf(m));
}

function firstView(plan: RunPlan) {
  const m = measure(buildRun(plan));
  const evidence = evidenceOf(m);
  const [incident] = incidentsOf(m, evidence);
  if (incident === undefined) throw new Error('nothing happened');
  return viewOf(m, incident, evidence, versionChange(m));
}

/** Refused from one arrival to another. */
const refusing =
  (...ranges: [number, number][]): Fate =>
  ({ seq }) =>
    ranges.some(([from, to]) => seq >= from && seq <= to) ? { outcome: REFUSED, connection: 'fresh' } : {};

const cause = (name: string, signs: Sign[]): Cause => ({
  name,
  mode: null,
  claim: `It was ${name}.`,
  signature: '',
  because: '',
  remedy: `Do not ${name}.`,
  references: [],
  signs: () => signs,
});

describe('signs', () => {
  it('add up, whatever their order; what is not known counts for nothing', () => {
    const holds = fc.constantFrom(true, false, null);
    const any = fc.record({ text: fc.string(), weight: fc.nat(9), against: fc.nat(9), holds });
    fc.assert(
      fc.property(fc.array(any), (signs) => {
        expect(weightOf(signs.toReversed())).toBe(weightOf(signs));
        expect(weightOf([...signs, sign(null, 9, '')])).toBe(weightOf(signs));
      }),
    );
  });

  it('put a cause out of the question where a necessary one is missing', () => {
    expect(weightOf([sign(true, 9, ''), must(false, '')])).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('incidents', () => {
  it('hold together what is near in time, and apart what is not', () => {
    const near = incidents({ fate: refusing([460, 470], [480, 485]) });
    expect(near.map(({ failed }) => failed)).toEqual([17]);
    expect(incidents({})).toEqual([]);
  });

  it('account for every failed request of the mix', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 420, max: 600 }), { maxLength: 30 }), (seqs) => {
        const fate: Fate = ({ seq }) => (seqs.includes(seq) ? { outcome: REFUSED, connection: 'fresh' } : {});
        const m = measure(buildRun({ fate }));
        const all = incidentsOf(m, evidenceOf(m));
        expect(all.reduce((sum, { failed }) => sum + failed, 0)).toBe(m.tally(m.whole).failed);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the likeliest cause', () => {
  const view = () => firstView({ fate: refusing([460, 480]) });

  it('is the one for which most speaks, with its runner-up, and says what was not seen', () => {
    const causes = [
      cause('second', [sign(true, 3, 'c')]),
      cause('first', [sign(true, 6, 'a'), sign(false, 1, 'b')]),
      cause('out', [must(false, 'd'), sign(true, 9, 'e')]),
    ];
    const candidates = rank(view(), causes);
    expect(candidates.map((each) => each.cause.name)).toEqual(['first', 'second']);
    expect(findingOf(view(), candidates)).toMatchObject({
      rule: 'first',
      severity: 'breach',
      evidence: expect.arrayContaining(['a', 'not seen: b']),
      runnerUp: { rule: 'second' },
    });
  });

  it('is sure only with much for it and clearly more than for any other', () => {
    const confidence = (...weights: number[]) =>
      findingOf(
        view(),
        rank(
          view(),
          weights.map((weight, index) => cause(`c${index}`, [sign(true, weight, 's')])),
        ),
      ).confidence;
    expect(confidence(6)).toBe('high');
    expect(confidence(9, 8)).toBe('medium');
    expect(confidence(5)).toBe('medium');
    expect(confidence(2)).toBe('low');
  });

  it('is called unexplained where no cause fits', () => {
    const finding = findingOf(view(), rank(view(), [cause('weak', [sign(false, 1, 's')])]));
    expect(finding).toMatchObject({ rule: 'unexplained', severity: 'breach', runnerUp: null });
  });

  it('names the requests and the time it explains', () => {
    const { findings } = judge(buildRun({ fate: refusing([460, 480]) }));
    const found = findings.find(({ confidence }) => confidence !== undefined);
    expect(found?.evidence[0]).toMatch(/^21 requests failed \(#460 to #480\), from .* of the run$/);
  });

  it('changes no verdict', () => {
    const { verdict, cause: named } = judge(buildRun({}));
    expect({ verdict, named }).toEqual({ verdict: 'zero-downtime', named: null });
  });
});

describe('a request that is sent into the close of an idle connection', () => {
  const phases: PhasePlan[] = [
    ...PHASES.slice(0, 2),
    { name: 'deploy', kind: 'custom', ms: 3000, exitCode: 7, outcome: 'failed' },
    { name: 'rollback', kind: 'rollback', role: 'emergency', ms: 5000, readyAfterMs: 1600 },
  ];
  const closes: RunEvent[] = [100, 300, 480].map((idleMs) => ({ type: 'idle-closed', at: 9_481, idleMs, how: 'fin' }));
  const reloaded: RunEvent = {
    type: 'output',
    ...{ at: 9_450, step: 'rollback', line: '2026/11/22 08:30:34 [notice] 11294#11294: signal process started' },
  };
  const causesOf = (events: RunEvent[], fate: Fate) =>
    judge(buildRun({ phases, events, fate, end: { release: 'rolled-back' } })).cause;
  const lostAfter =
    (latencyMs: number, connection: 'fresh' | 'reused' = 'reused'): Fate =>
    ({ seq }) =>
      seq === 474 ? { outcome: lost('reset'), latencyMs, connection } : {};

  it("is the idle race of nginx's reload, in an emergency rollback too", () => {
    expect(causesOf([reloaded, ...closes], lostAfter(1.5))).toMatchObject({
      rule: 'nginx-reload-closes-idle',
      phase: 'rollback',
      confidence: 'high',
      evidence: expect.arrayContaining(['other idle connections were closed in the same moment']),
      remedy: expect.stringMatching(/keepalive_min_timeout 10s.*1\.27\.3/),
      runnerUp: null,
    });
  });

  it('is named without a proxy where none is known, and less surely where no other was seen to close', () => {
    const rule = 'idle-closed-under-requests';
    expect(causesOf(closes, lostAfter(1.5))).toMatchObject({ rule, confidence: 'high' });
    expect(causesOf([], lostAfter(1.5))).toMatchObject({ rule, confidence: 'low' });
  });

  it('does not explain that long requests in flight were lost at the same time', () => {
    const inflight: RunEvent[] = [9_400, 9_480].map((at) => ({
      ...{ type: 'probe-fault', at, since: at - 900, probe: 'inflight', count: 'failed', detail: 'reset' },
    }));
    const run = (fate: Fate) =>
      judge(
        buildRun({
          ...{ phases, fate, probes: ['inflight'], end: { release: 'rolled-back' } },
          events: [reloaded, ...closes, ...inflight],
        }),
      ).cause?.rule;
    expect(run(() => ({}))).toBe('in-flight-cut');
    expect(run(lostAfter(1.5))).toBe('in-flight-cut');
  });

  it('is another thing than a request that was under way, or one on a fresh connection', () => {
    expect(causesOf(closes, lostAfter(900))?.rule).toBe('in-flight-cut');
    expect(causesOf(closes, lostAfter(1.5, 'fresh'))?.rule).not.toBe('idle-closed-under-requests');
  });
});

describe('a probe that never worked', () => {
  const phases = PHASES.slice(0, 2);
  const detail = 'the probe inflight never worked: status 404, expected 200-399';
  const causeOf = (fate: Fate, text = detail) => {
    const decided: RunEvent = { type: 'decision', at: 6_000, cause: 'baseline', action: 'abort', detail: text };
    return judge(buildRun({ phases, events: [decided], fate, end: { release: 'not-started' } })).cause;
  };

  it('is a fault of the scenario where the mix was answered', () => {
    expect(causeOf(() => ({}))).toMatchObject({
      rule: 'probe-never-worked',
      claim: expect.stringContaining('its route does not exist, or the expectation is wrong'),
      remedy: expect.stringContaining('Mend the scenario'),
      evidence: [detail, expect.stringMatching(/^none of \d+ requests of the mix failed in the baseline$/)],
    });
  });

  it('may be one of the target where the mix failed too, or where the probe got no answer or an error', () => {
    expect(causeOf(refusing([100, 120]))?.rule).toBe('failing-before');
    expect(causeOf(() => ({}), detail.replace('404', '503'))?.rule).toBe('failing-before');
    expect(causeOf(() => ({}), 'the probe inflight never worked: refused')?.rule).toBe('failing-before');
  });
});

describe('every cause', () => {
  it('has a name of its own, and a page', () => {
    const all = [...CAUSES, ...RUN_CAUSES];
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { claim, signature, because, remedy } of all) {
      for (const text of [claim, signature, because, remedy]) expect(text).toMatch(/\.$/);
    }
  });

  it('covers each failure mode by its number', () => {
    const numbers = new Set([...CAUSES, ...RUN_CAUSES].flatMap(({ mode }) => mode ?? []));
    for (let mode = 1; mode <= 35; mode += 1) expect(numbers, String(mode)).toContain(mode);
  });
});

describe('memory that ran out', () => {
  const isNamed = (events: RunEvent[]): boolean => {
    const watch = [watchHeader('docker')];
    const view = firstView({ watch, fate: refusing([450, 460]), events: [sees(0), ...events] });
    const signs = CAUSES.find(({ name }) => name === 'no-room')?.signs(view) ?? [];
    return signs.some(({ holds, text }) => holds === true && /memory/.test(text));
  };
  const killed = (subject: string, detail: string): RunEvent[] => [
    saw(9_050, { what: 'incident', subject, detail: `${subject} ${detail}` }),
  ];

  it('is seen in what was told, not in a name that holds the letters', () => {
    expect(isNamed(killed('shop_1', 'ran out of memory: the kernel killed a process of it'))).toBe(true);
    expect(isNamed(lines(9_050, 'killed', ['kernel: oom-kill: task node']))).toBe(true);
    expect(isNamed(killed('showroom_1', 'was killed (SIGKILL)'))).toBe(false);
    expect(isNamed(killed('memory-cache_1', 'was killed (SIGKILL)'))).toBe(false);
    expect(isNamed(lines(9_050, 'error', ['connect() failed, request: "GET /rooms HTTP/1.1"']))).toBe(false);
  });
});
