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
import { buildRun, type Fate, REFUSED, type RunPlan } from '../record/build-run.js';

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
