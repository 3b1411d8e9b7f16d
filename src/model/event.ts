import type { PhaseKind, StepKind, StepOutcome, StepRole } from './phase.js';
import type { Threshold } from './threshold.js';

/** One kind of request of the mix, as the judge needs to know it. */
export interface FlowPlan {
  name: string;
  method: string;
  path: string;
  weight: number;
}

/** The first line of the journal: what was planned, and all the judge needs beside the samples. Secrets are redacted. */
export interface RunHeader {
  type: 'header';
  schema: 'zdd-verify/journal/v1';
  runId: string;
  tool: { version: string };
  startedAt: string;
  /** CLOCK_MONOTONIC of time 0, ns, as text: what `mark` of another process is measured against. */
  originNs: string;
  scenario: { name: string; sha256: string; file: string | null; runbook: string | null };
  target: { url: string; timeoutMs: number };
  version: { declared: boolean; changes: boolean };
  traffic: {
    ratePerSec: number;
    flows: FlowPlan[];
    keepaliveShare: number;
    pool: number;
    client: 'strict' | 'browser';
    maxInFlight: number;
  };
  steps: { name: string; kind: StepKind }[];
  rollback: { name: string }[];
  rehearsal: 'rollback' | 'rollback-forward' | 'none';
  thresholds: Threshold[];
  environment: Record<string, string | number | boolean | null>;
  /** The scenario as it was run, redacted, for the report. */
  effective: unknown;
}

/** A phase begins; the one before it ends at the same instant. Phases tile the run from the warm-up on. */
export interface PhaseEvent {
  type: 'phase';
  at: number;
  name: string;
  kind: PhaseKind;
  role: StepRole;
}

/** The command of the current phase. `exitCode` is null where a signal ended it. */
export type CommandEvent =
  | { type: 'command-started'; at: number; command: string; pid: number }
  | { type: 'command-ended'; at: number; exitCode: number | null; signal: string | null; timedOut: boolean };

export type ReadinessEvent =
  | { type: 'readiness-started'; at: number; checks: string[]; consecutive: number; withinMs: number }
  | { type: 'readiness-check'; at: number; ok: boolean; detail: string }
  | { type: 'readiness-ended'; at: number; ready: boolean; detail: string };

export interface HoldEvent {
  type: 'hold-started';
  at: number;
  forMs: number;
}

/** The current phase's step is over (its phase lasts until the next one begins). */
export interface StepEndedEvent {
  type: 'step-ended';
  at: number;
  name: string;
  outcome: StepOutcome;
  detail: string;
}

export interface OutputEvent {
  type: 'output';
  at: number;
  step: string;
  line: string;
}

/** The schedule began: arrival `i` is due at `firstDueAt + i * 1000 / ratePerSec`. */
export interface TrafficStartedEvent {
  type: 'traffic-started';
  at: number;
  firstDueAt: number;
  ratePerSec: number;
}

/** The sending thread's own count, held against the samples on record. */
export interface TrafficEndedEvent {
  type: 'traffic-ended';
  at: number;
  due: number;
  recorded: number;
}

/** The sending thread observed itself over the time since the previous such event. */
export interface HarnessEvent {
  type: 'harness';
  at: number;
  /** How late the loop's own ticks were, ms. */
  eventLoopDelayMs: { p99: number; max: number };
  inFlight: number;
  openConnections: number;
  /** User + system CPU time of the process per wall time; 1 is one core. */
  cpu: number;
}

/** The sending thread was not running between these instants (a pause of the machine, GC, a starved core). */
export interface PauseEvent {
  type: 'pause';
  from: number;
  at: number;
}

/** A pooled connection was closed by the server while it was idle, without `Connection: close` announced before. */
export interface IdleClosedEvent {
  type: 'idle-closed';
  at: number;
  idleMs: number;
  how: 'fin' | 'rst';
}

export type DecisionCause =
  | 'preflight'
  | 'baseline'
  | 'command'
  | 'readiness'
  | 'threshold'
  | 'signal'
  | 'request'
  | 'teardown'
  | 'max-duration'
  | 'harness';

/** The release is not to go on. */
export interface DecisionEvent {
  type: 'decision';
  at: number;
  cause: DecisionCause;
  action: 'rollback' | 'abort' | 'continue';
  detail: string;
  signal?: 'SIGINT' | 'SIGTERM' | 'SIGHUP';
}

export interface NoteEvent {
  type: 'note';
  at: number;
  text: string;
}

export type ReleaseState = 'completed' | 'rolled-back' | 'rollback-failed' | 'aborted' | 'not-started';

/** The last line: the run ended in order. A journal without it was cut. */
export interface EndEvent {
  type: 'end';
  at: number;
  release: ReleaseState;
  /** What went wrong in the harness itself; any makes the run inconclusive. */
  faults: string[];
  /** Version the target served last, asked once more after the last step; null where unknown. */
  servesNow: string | null;
}

export type RunEvent =
  | RunHeader
  | PhaseEvent
  | CommandEvent
  | ReadinessEvent
  | HoldEvent
  | StepEndedEvent
  | OutputEvent
  | TrafficStartedEvent
  | TrafficEndedEvent
  | HarnessEvent
  | PauseEvent
  | IdleClosedEvent
  | DecisionEvent
  | NoteEvent
  | EndEvent;
