import type { ProbeEvent } from '../model/probe.js';
import type { ProbesPlan } from './plan.js';
import type { PhaseBegun } from './probe.js';

/** What the probes' thread is started with. */
export interface ProbesThreadData {
  plan: ProbesPlan;
  originNs: bigint;
}

/** To the probes' thread. `abort`: there is no time left for what `stop` lets them finish. */
export type ProbesCommand = { type: 'phase'; phase: PhaseBegun } | { type: 'stop' } | { type: 'abort' };

/** From the probes' thread. */
export type ProbesMessage =
  | { type: 'loaded' }
  | { type: 'event'; event: ProbeEvent }
  /** The thread was not running between these instants: what it timed in them is not the target's doing. */
  | { type: 'pause'; from: number; at: number }
  /** A probe broke: the harness' own fault. */
  | { type: 'fault'; reason: string }
  /** Every probe has returned. */
  | { type: 'ended' };
