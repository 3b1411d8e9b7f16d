import type { SampleRow } from '../model/sample.js';
import type { TrafficPlan } from './plan.js';

/** What the sending thread is started with. */
export interface ThreadData {
  plan: TrafficPlan;
  originNs: bigint;
}

/** To the sending thread: nothing more falls due after `at`. */
export interface StopMessage {
  type: 'stop';
}

/** From the sending thread. */
export type ThreadMessage =
  /** Everything is loaded and the schedule begins: arrival 0 is due at `firstDueAt`, ms since the run's start. */
  | { type: 'started'; at: number; firstDueAt: number }
  | { type: 'samples'; rows: SampleRow[] }
  | { type: 'idle-closed'; at: number; idleMs: number; how: 'fin' | 'rst' }
  | { type: 'pause'; from: number; at: number }
  | {
      type: 'harness';
      at: number;
      eventLoopDelayMs: { p99: number; max: number };
      inFlight: number;
      openConnections: number;
      cpu: number;
    }
  | { type: 'ended'; at: number; due: number; recorded: number };
