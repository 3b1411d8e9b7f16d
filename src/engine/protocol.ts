import type { SampleBatch } from '../model/sample.js';
import type { TrafficPlan } from './plan.js';

/** What a sending thread is started with. */
export interface ThreadData {
  plan: TrafficPlan;
  originNs: bigint;
  /** Number of the thread, from 0. */
  thread: number;
  /** The part of the schedule that this process sends. */
  shard: Shard;
}

/** Shard `index`, from 0, of `of` processes that send one schedule, each with as many threads. */
export interface Shard {
  index: number;
  of: number;
}

/** To a sending thread. */
export type ThreadCommand =
  /** Time 0 of the schedule; sent once every thread is loaded. */
  | { type: 'start'; firstDueAt: number }
  /** Nothing more falls due after `at`. */
  | { type: 'stop'; at: number }
  /** From `from` on a stream arrives at this rate; null: as the plan says again. */
  | { type: 'rate'; from: number; stream: number; ratePerSec: number | null };

/** What changes the schedule; every sender of it must be told of the same instant. */
export type Order = Exclude<ThreadCommand, { type: 'start' }>;

/** From a sending thread. */
export type ThreadMessage =
  /** Everything is loaded. */
  | { type: 'loaded' }
  /** Everything that ended until `at` is in this batch or an earlier one. */
  | { type: 'samples'; at: number; batch: SampleBatch }
  | { type: 'idle-closed'; at: number; idleMs: number; how: 'fin' | 'rst' }
  | { type: 'pause'; thread: number; from: number; at: number }
  | {
      type: 'harness';
      at: number;
      thread: number;
      eventLoopDelayMs: { p99: number; max: number };
      gcMs: { max: number; total: number };
      inFlight: number;
      openConnections: number;
      cpu: number;
    }
  /** A stream's rate changes at `from`. */
  | { type: 'rate'; at: number; from: number; stream: number; ratePerSec: number | null }
  /** What is worth a note in the report, once: a certificate that expires soon. */
  | { type: 'note'; at: number; text: string }
  | { type: 'ended'; at: number; due: number; recorded: number };
