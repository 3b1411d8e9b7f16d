import { type Metric, probeOfMetric, RECONNECT_METRICS, type RunMetric } from '../../model/threshold.js';
import { evaluateLatency } from './latency.js';
import type { Evaluate } from './metric.js';
import { evaluateOutage } from './outage.js';
import { evaluateProbeFault, evaluateReconnect } from './probe.js';
import { evaluateRequests } from './requests.js';
import { evaluateRollbackTime } from './rollback-time.js';
import { evaluateStall } from './stall.js';
import { evaluateWatched } from './watched.js';

interface MetricRule {
  evaluate: Evaluate;
  /** Judged on each step too. A volume, a rollback and what is watched are of the whole run. */
  perStep: boolean;
}

/** What a metric says. */
export function ruleOfMetric(metric: Metric): MetricRule {
  if (Object.hasOwn(RECONNECT_METRICS, metric)) return { evaluate: evaluateReconnect, perStep: true };
  if (probeOfMetric(metric) !== null) return { evaluate: evaluateProbeFault, perStep: true };
  return OF_THE_RUN[metric as RunMetric];
}

const OF_THE_RUN: Record<RunMetric, MetricRule> = {
  http_req_failed: { evaluate: evaluateRequests, perStep: true },
  http_reqs: { evaluate: evaluateRequests, perStep: false },
  conn_errors: { evaluate: evaluateRequests, perStep: true },
  retryable: { evaluate: evaluateRequests, perStep: true },
  blocked: { evaluate: evaluateRequests, perStep: true },
  unsent: { evaluate: evaluateRequests, perStep: true },
  outage: { evaluate: evaluateOutage, perStep: true },
  stall: { evaluate: evaluateStall, perStep: true },
  latency: { evaluate: evaluateLatency, perStep: true },
  rollback_time: { evaluate: evaluateRollbackTime, perStep: false },
  metric: { evaluate: evaluateWatched, perStep: false },
};
