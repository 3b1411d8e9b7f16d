import type { RateProfile } from '../model/rate.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { BlockedAnswer, Feed, RequestPlan, RequestTemplate, VersionPlan } from '../wire/plan.js';

/** Everything the sending threads need to know: plain data. */
export interface TrafficPlan {
  /** The services of the scenario, at least one; the first is the target that versions and readiness are about. */
  endpoints: Endpoint[];
  /** Time a request may take from being sent to its last byte, ms. */
  timeoutMs: number;
  /** Arrival rates: the mix, where any flow has no rate of its own, then each flow that has one. */
  streams: StreamRate[];
  arrival: 'even' | 'poisson';
  /** Decides the Poisson spacing and every random value; the same seed gives the same traffic. */
  seed: number;
  /** Sending threads of each shard. */
  threads: number;
  /** Share of arrivals sent over the keep-alive pool, 0 to 1; the others each get a connection of their own. */
  keepaliveShare: number;
  /** Keep-alive connections to each endpoint, of all senders together. */
  pool: number;
  client: 'strict' | 'browser';
  /** Of all senders together. */
  maxInFlight: number;
  /** An arrival that is later than this is given up as `unsent: late`, ms. */
  lateLimitMs: number;
  flows: TrafficFlow[];
  feeds: Feed[];
  blocked: BlockedAnswer[];
  version: VersionPlan | null;
  userAgent: string;
}

export interface StreamRate {
  /** The flow's name; the empty text for the mix. */
  name: string;
  rate: RateProfile;
}

export interface TrafficFlow extends RequestPlan {
  name: string;
  /** Share of its stream, relative to the stream's other flows. */
  weight: number;
  /** Number of its stream. */
  stream: number;
  /** Number of its endpoint. */
  endpoint: number;
  /** What is made anew for each request; null where every request is the same. */
  template: RequestTemplate | null;
  /** Virtual clients that keep the cookies they are given, in turn; 0 for requests without memory. */
  clients: number;
}
