import type { ProbeName } from '../model/probe.js';
import { type Aggregate, type Level, type Metric, PROBE_FAULT_METRICS, type Threshold } from '../model/threshold.js';

type Default = readonly [Metric, string, Aggregate, '==' | '<', number, boolean];

const DEFAULTS: readonly Default[] = [
  ['http_req_failed', 'rate==0', 'rate', '==', 0, false],
  ['conn_errors', 'count==0', 'count', '==', 0, false],
  ['outage', 'max==0', 'max', '==', 0, false],
  ['stall', 'max<1000', 'max', '<', 1000, false],
  ['latency', 'p(99)<2*baseline', { p: 99 }, '<', 2, true],
  ['rollback_time', 'max<5m', 'max', '<', 300_000, false],
];

/**
 * Adds the thresholds that hold where the user gave none for all traffic. A user who sets `http_req_failed` has said
 * how much failure is too much: connection errors and outages then only warn, unless they are set as well. What users
 * lose on a probe fails, what they might have lost warns; evidence of where a failure comes from has no limit.
 */
export function withDefaults(user: readonly Threshold[], probes: readonly ProbeName[]): Threshold[] {
  const set = new Set(user.filter(({ selector }) => Object.keys(selector).length === 0).map(({ metric }) => metric));
  const softened = (metric: Metric) => set.has('http_req_failed') && (metric === 'conn_errors' || metric === 'outage');
  const faults = PROBE_FAULT_METRICS.filter(({ probe, severity }) => severity !== 'evidence' && probes.includes(probe));
  const risks = faults.filter(({ severity }) => severity === 'risk').map(({ metric }): Metric => metric);
  const levelOf = (metric: Metric): Level => (softened(metric) || risks.includes(metric) ? 'warn' : 'fail');
  const ofProbes = faults.map(({ metric }): Default => [metric, 'count==0', 'count', '==', 0, false]);
  const added = [...DEFAULTS, ...ofProbes]
    .filter(([metric]) => !set.has(metric))
    .map(
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
