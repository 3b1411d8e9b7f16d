import type { Metric } from '../../model/threshold.js';
import { evaluateLatency } from './latency.js';
import type { Evaluate } from './metric.js';
import { evaluateOutage } from './outage.js';
import { evaluateRequests } from './requests.js';
import { evaluateRollbackTime } from './rollback-time.js';
import { evaluateStall } from './stall.js';

/** What each metric says; `perStep` ones are judged on each step too. A volume and a rollback are of the whole run. */
export const METRIC: Record<Metric, { evaluate: Evaluate; perStep: boolean }> = {
  http_req_failed: { evaluate: evaluateRequests, perStep: true },
  http_reqs: { evaluate: evaluateRequests, perStep: false },
  conn_errors: { evaluate: evaluateRequests, perStep: true },
  retryable: { evaluate: evaluateRequests, perStep: true },
  unsent: { evaluate: evaluateRequests, perStep: true },
  outage: { evaluate: evaluateOutage, perStep: true },
  stall: { evaluate: evaluateStall, perStep: true },
  latency: { evaluate: evaluateLatency, perStep: true },
  rollback_time: { evaluate: evaluateRollbackTime, perStep: false },
};
