import type { Bound, Judgement } from '../model/verdict.js';
import type { Measure } from './measure.js';
import { nameOf, type Scope } from './scope.js';
import { failureRateUpper95 } from './statistics.js';

/**
 * What the run could have seen, over everything after the baseline: per flow, per phase (all flows together), and in
 * front the worst declared flow, not the sum. A flow without two sends could have missed an outage of the whole time.
 */
export function boundOf(m: Measure): Judgement['bound'] {
  const { flows } = m.run.header.traffic;
  const streams = flows.map(({ name }) => ({ name, ...bound(m, m.whole, name) }));
  const phases = m.whole.phases.map((index) => {
    const name = nameOf(m.run, index);
    return { name, ...bound(m, { label: name, phases: [index] }, null) };
  });
  const all = bound(m, m.whole, null);
  const worst = streams.reduce<Bound>(
    (a, b) => (b.failureRateUpper95 > a.failureRateUpper95 ? b : a),
    streams[0] ?? all,
  );
  return {
    requests: worst.requests,
    failures: worst.failures,
    failureRateUpper95: worst.failureRateUpper95,
    shortestDetectableOutageMs: Math.max(0, ...streams.map((stream) => stream.shortestDetectableOutageMs)),
    streams,
    phases,
  };
}

function bound(m: Measure, scope: Scope, flow: string | null): Bound {
  const { requests, failed } = m.tally(scope, flow === null ? {} : { flow });
  return {
    requests,
    failures: failed,
    failureRateUpper95: failureRateUpper95(failed, requests),
    shortestDetectableOutageMs: largestGapMs(m, scope, flow) ?? durationMs(m, scope),
  };
}

/** Largest realised gap between sends, ms; of one flow, or (null) of the traffic as a whole. Null without two sends. */
export function largestGapMs(m: Measure, scope: Scope, flow: string | null): number | null {
  const gaps = m.run.sendGaps.filter((gap) => gap.flow === flow && scope.phases.includes(gap.phase));
  return gaps.length === 0 ? null : Math.max(...gaps.map(({ maxMs }) => maxMs));
}

export function durationMs(m: Measure, { phases }: Scope): number {
  return phases.reduce((sum, index) => {
    const phase = m.run.phases[index];
    return sum + (phase === undefined ? 0 : phase.endAt - phase.startAt);
  }, 0);
}
