import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deploysOf } from '../../src/judge/deploys.js';
import type { Deploy } from '../../src/model/deploys.js';
import type { Verdict } from '../../src/model/verdict.js';
import { deploysJson, deploysLines } from '../../src/report/deploys-text.js';

function deploy(verdict: Verdict | null, rest: Partial<Deploy> = {}): Deploy {
  return {
    ...{ dir: '/reports/r1', verdict, release: 'completed', gate: 'pass', exitCode: 0, headline: `It is ${verdict}.` },
    ...rest,
  };
}

const many = (count: number, verdict: Verdict | null) => Array.from({ length: count }, () => deploy(verdict));

describe('repeated deploys', () => {
  it('are at most 13.9 % bad where 0 of 20 were', () => {
    const found = deploysOf(many(20, 'zero-downtime'), 20);
    expect(found).toMatchObject({ deploys: 20, good: 20, bad: 0, inconclusive: 0, planned: 20 });
    expect(found.badRateUpper95).toBeCloseTo(1 - 0.05 ** (1 / 20), 12);
    expect(deploysLines(found)).toEqual([
      '0 of 20 deploys were bad: at most 13.9 % of deploys like these are (95 %, independent deploys assumed).',
    ]);
  });

  it('are at most 21.6 % bad where 1 of 20 was', () => {
    const found = deploysOf([...many(19, 'zero-downtime'), deploy('downtime', { dir: '/reports/r20' })], 20);
    expect(found.badRateUpper95).toBeCloseTo(0.2161, 4);
    expect(deploysLines(found)[0]).toContain('1 of 20 deploys was bad: at most 21.6 %');
    expect(deploysLines(found)[1]).toBe('  bad: It is downtime. /reports/r20');
  });

  it('count as neither where they prove nothing, and are named', () => {
    const found = deploysOf(
      [...many(3, 'zero-downtime'), deploy('inconclusive'), deploy(null, { headline: 'no record' })],
      10,
    );
    expect(found).toMatchObject({ deploys: 3, good: 3, bad: 0, inconclusive: 2 });
    expect(deploysLines(found)).toEqual([
      '0 of 3 deploys were bad: at most 63.2 % of deploys like these are (95 %, independent deploys assumed).',
      '2 deploys prove nothing, and count as neither:',
      '  inconclusive: It is inconclusive. /reports/r1',
      '  inconclusive: no record /reports/r1',
      '5 of 10 were not run.',
    ]);
  });

  it('prove nothing where none proves anything', () => {
    const found = deploysOf(many(2, 'inconclusive'), 2);
    expect(found.badRateUpper95).toBe(1);
    expect(deploysLines(found)[0]).toBe('No deploy proves anything: nothing can be said of the next one.');
  });

  it('go by the verdict: a crossed threshold harms nobody', () => {
    expect(deploysOf([deploy('zero-downtime', { gate: 'fail', exitCode: 99 })], 1).bad).toBe(0);
  });

  it('have a bound that every bad one raises and every good one lowers', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (good, bad) => {
        const bound = (g: number, b: number) =>
          deploysOf([...many(g, 'zero-downtime'), ...many(b, 'downtime')], g + b).badRateUpper95;
        expect(bound(good, bad + 1)).toBeGreaterThanOrEqual(bound(good + 1, bad));
        expect(bound(good + 1, bad)).toBeLessThanOrEqual(bound(good, bad));
        expect(bound(good, bad)).toBeGreaterThan(good + bad === 0 ? 0.99 : bad / (good + bad) - 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('are written as JSON, and no text of theirs reaches the terminal as it is', () => {
    const found = deploysOf([deploy('downtime', { headline: '\u001B[31mred\u202E' })], 1);
    expect(JSON.parse(deploysJson(found))).toMatchObject({
      schema: 'zdd-verify/deploys/v1',
      bad: 1,
      badRateUpper95: 1,
    });
    expect(deploysJson(found).endsWith('}\n')).toBe(true);
    expect(deploysLines(found)[1]).toBe('  bad: red\\u202E /reports/r1');
  });
});
