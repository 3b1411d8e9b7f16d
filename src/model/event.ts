import type { MigrationsEvent } from './migrations.js';
import type { PhaseKind, StepKind, StepOutcome, StepRole } from './phase.js';
import type { ProbeEvent, ProbeName } from './probe.js';
import type { RateProfile } from './rate.js';
import type {
  HoldEndedEvent,
  HookEvent,
  HostClockEvent,
  HostHeader,
  ReleaseInfo,
  RequirementEvent,
  Share,
} from './release.js';
import type { Threshold } from './threshold.js';
import type { ObservationEvent, WatchHeader } from './watch.js';

/** One kind of request of the mix, as the judge needs to know it. */
export interface FlowPlan {
  name: string;
  method: string;
  path: string;
  weight: number;
  /** Name of the service it goes to; the empty text where the scenario has one target. */
  target: string;
  /** Number of the arrival stream it belongs to. */
  stream: number;
}

/** Flows that share one arrival rate: the mix, or one flow with a rate of its own. */
export interface StreamPlan {
  /** The flow's name; the empty text for the mix. */
  name: string;
  rate: RateProfile;
}

/** One shard of a run's traffic: its share, and how far its clock may be off the conductor's, ms. */
export interface ShardHeader {
  /** From 1, which conducted the release. */
  number: number;
  host: string;
  /** Arrivals it sent or gave up; null where it left no count. */
  due: number | null;
  /** Half the round trip in which its clock was asked; null where it has no record. */
  clockErrorMs: number | null;
  /** How far its clock ran away from the conductor's by the end; null where it was not asked again. */
  driftMs: number | null;
  /** Why its share proves less than it should. */
  problems: string[];
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
  /** Of a record that holds one shard's share of the traffic; the number is from 1. */
  shard?: { number: number; of: number };
  /** Of a record that was joined from those of all shards: what each of them had. */
  shards?: ShardHeader[];
  version: { declared: boolean; changes: boolean };
  traffic: {
    /** All streams together, when the schedule begins. */
    ratePerSec: number;
    streams: StreamPlan[];
    arrival: 'even' | 'poisson';
    threads: number;
    flows: FlowPlan[];
    keepaliveShare: number;
    pool: number;
    client: 'strict' | 'browser';
    maxInFlight: number;
  };
  steps: { name: string; kind: StepKind }[];
  rollback: { name: string }[];
  rehearsal: 'rollback' | 'rollback-forward' | 'none';
  /** The probes of the scenario. */
  probes: ProbeName[];
  /** What is watched beside the traffic; observations refer to it by index. */
  watch: WatchHeader[];
  /** Machines that steps run on by ssh; records of versions that knew none have no list. */
  hosts?: HostHeader[];
  /** What is released; records of versions that did not ask have nothing. */
  release?: ReleaseInfo;
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

/** The command of the current phase; `on` a host, where `pid` is that of ssh. `exitCode` is null where a signal ended it. */
export type CommandEvent =
  | { type: 'command-started'; at: number; command: string; pid: number; on?: string }
  | { type: 'command-ended'; at: number; exitCode: number | null; signal: string | null; timedOut: boolean };

export type ReadinessEvent =
  | { type: 'readiness-started'; at: number; checks: string[]; consecutive: number; withinMs: number }
  | { type: 'readiness-check'; at: number; ok: boolean; detail: string }
  | { type: 'readiness-ended'; at: number; ready: boolean; detail: string };

export interface HoldEvent {
  type: 'hold-started';
  at: number;
  /** At most, where it ends with a number of requests. */
  forMs: number;
  until?: Share & { requests: number };
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

/** A shard's clock as it was held against the conductor's: `leadAt` there is `at` here, give or take `errorMs`. */
export interface ShardClockEvent {
  type: 'shard-clock';
  at: number;
  leadAt: number;
  errorMs: number;
}

/** The schedule began: its time 0 is at `firstDueAt`. */
export interface TrafficStartedEvent {
  type: 'traffic-started';
  at: number;
  firstDueAt: number;
  ratePerSec: number;
}

/** From `from` on a stream arrives at another rate; null: as the scenario's traffic says again. */
export interface RateEvent {
  type: 'rate';
  at: number;
  from: number;
  stream: number;
  ratePerSec: number | null;
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
  /** Number of the sending thread, from 0. */
  thread: number;
  /** Garbage collections of the thread: longest, and all together, ms. */
  gcMs: { max: number; total: number };
}

/** The machine the harness runs on, once a second; null where the system does not say. */
export interface MachineEvent {
  type: 'machine';
  at: number;
  /** Whose machine it is, where several shards send. */
  shard?: number;
  /** Share of the CPU time that the hypervisor took away since the last event, 0 to 1. */
  steal: number | null;
  /** How long the control group was throttled since the last event, ms. */
  throttledMs: number | null;
  /** Tasks that wait for a core, per core: the share of time, 0 to 1 (PSI `some`). */
  cpuPressure: number | null;
  descriptors: { open: number; limit: number } | null;
  /** Ephemeral ports in use towards the target, of those there are. */
  ports: { used: number; available: number } | null;
  /** A question to the resolver for the target's name; null where it is an address. */
  dns: { ms: number; error: string | null } | null;
}

/** A thread was not running between these instants (a pause of the machine, GC, a starved core): a sending one, or the probes'. */
export interface PauseEvent {
  type: 'pause';
  of?: 'probes';
  /** Number of the sending thread, from 0, counted over all shards; records that do not say mean all of them. */
  thread?: number;
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
  /** What a pipeline says of its release, put there by `stop` where no recorder was left to do it. */
  stated?: ReleaseState;
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
  | HoldEndedEvent
  | HostClockEvent
  | RequirementEvent
  | MigrationsEvent
  | HookEvent
  | StepEndedEvent
  | OutputEvent
  | TrafficStartedEvent
  | ShardClockEvent
  | TrafficEndedEvent
  | RateEvent
  | HarnessEvent
  | MachineEvent
  | PauseEvent
  | IdleClosedEvent
  | DecisionEvent
  | NoteEvent
  | ProbeEvent
  | ObservationEvent
  | EndEvent;
