import type { RequestPlan, VersionPlan } from '../wire/plan.js';

/** Everything the sending thread needs to know: plain data. */
export interface TrafficPlan {
  /** Origin of the target: scheme, host and port, `http://127.0.0.1:8080`. */
  origin: string;
  /** Time a request may take from being sent to its last byte, ms. */
  timeoutMs: number;
  ratePerSec: number;
  /** Share of arrivals sent over the keep-alive pool, 0 to 1; the others each get a connection of their own. */
  keepaliveShare: number;
  /** Idle connections kept in the pool. */
  pool: number;
  client: 'strict' | 'browser';
  maxInFlight: number;
  /** An arrival that is later than this is given up as `unsent: late`, ms. */
  lateLimitMs: number;
  flows: (RequestPlan & { name: string; weight: number })[];
  version: VersionPlan | null;
  userAgent: string;
}
