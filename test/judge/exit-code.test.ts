import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, type Outcomes } from '../../src/judge/exit-code.js';
import type { DecisionEvent } from '../../src/model/event.js';

const decision = fc.record({
  type: fc.constant('decision' as const),
  at: fc.constant(0),
  cause: fc.constantFrom('command', 'readiness', 'threshold', 'signal', 'max-duration', 'harness'),
  action: fc.constantFrom('rollback', 'abort', 'continue'),
  detail: fc.constant(''),
  signal: fc.constantFrom('SIGINT', 'SIGTERM', 'SIGHUP'),
}) as fc.Arbitrary<DecisionEvent>;

const outcomes = fc.record({
  verdict: fc.constantFrom('zero-downtime', 'downtime', 'inconclusive'),
  gate: fc.constantFrom('pass', 'fail', 'inconclusive'),
  release: fc.constantFrom('completed', 'rolled-back', 'rollback-failed', 'aborted'),
  decisions: fc.array(decision, { maxLength: 3 }),
  doubts: fc.array(fc.record({ kind: fc.constantFrom('fault', 'harness', 'proof'), reason: fc.constant('') })),
}) as fc.Arbitrary<Outcomes>;

describe('the exit code', () => {
  it('follows the precedence 95 > 130/143 > 97, 96 > 99 > 1 > 98 > 0', () => {
    const order = [95, 130, 143, 97, 96, 99, 1, 98, 0];
    fc.assert(
      fc.property(outcomes, (o) => {
        const code = exitCodeOf(o);
        const rank = order.indexOf(code);
        expect(rank).toBeGreaterThanOrEqual(0);
        if (o.release === 'rollback-failed') expect(code).toBe(95);
        if (o.decisions.some(({ cause }) => cause === 'signal')) expect(rank).toBeLessThanOrEqual(2);
        if (o.gate === 'fail') expect(rank).toBeLessThanOrEqual(order.indexOf(99));
        if (o.doubts.some(({ kind }) => kind === 'fault')) expect(rank).toBeLessThanOrEqual(order.indexOf(1));
      }),
    );
  });

  it('is 0 only where the gate passes, the release is done and the run proves something', () => {
    fc.assert(
      fc.property(outcomes, (o) => {
        if (exitCodeOf(o) !== 0) return;
        expect(o.gate).toBe('pass');
        expect(o.release).toBe('completed');
        expect(o.verdict).not.toBe('inconclusive');
      }),
    );
  });
});
