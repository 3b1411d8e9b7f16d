import type { Aggregate, Level, Metric, Threshold } from '../model/threshold.js';

const DEFAULTS: readonly [Metric, string, Aggregate, '==' | '<', number, boolean][] = [
  ['http_req_failed', 'rate==0', 'rate', '==', 0, false],
  ['conn_errors', 'count==0', 'count', '==', 0, false],
  ['outage', 'max==0', 'max', '==', 0, false],
  ['stall', 'max<1000', 'max', '<', 1000, false],
  ['latency', 'p(99)<2*baseline', { p: 99 }, '<', 2, true],
  ['rollback_time', 'max<5m', 'max', '<', 300_000, false],
];

/**
 * Adds the thresholds that hold where the user gave none for all traffic. A user who sets `http_req_failed` has said
 * how much failure is too much: connection errors and outages then only warn, unless they are set as well.
 */
export function withDefaults(user: readonly Threshold[]): Threshold[] {
  const set = new Set(user.filter(({ selector }) => Object.keys(selector).length === 0).map(({ metric }) => metric));
  const levelOf = (metric: Metric): Level =>
    set.has('http_req_failed') && (metric === 'conn_errors' || metric === 'outage') ? 'warn' : 'fail';
  const added = DEFAULTS.filter(([metric]) => !set.has(metric)).map(
    ([metric, expression, aggregate, comparison, value, timesBaseline]): Threshold => ({
      metric,
      selector: {},
      expression,
      aggregate,
      comparison,
      value,
      timesBaseline,
      level: levelOf(metric),
      abortOnFail: false,
      delayAbortEvalMs: 0,
      origin: 'default',
      source: null,
    }),
  );
  return [...user, ...added];
}
