import type { Histogram } from 'hdr-histogram-js';
import type { DecisionEvent, EndEvent, RunHeader } from './event.js';
import type { MigrationsEvent } from './migrations.js';
import type { FailureCause, UnsentCause } from './outcome.js';
import type { OverTime } from './over-time.js';
import type { PhaseKind, StepOutcome, StepRole } from './phase.js';
import type { ProbeRun } from './probe.js';
import type { HoldEndedEvent, HookEvent, HostClockEvent, RequirementEvent } from './release.js';
import type { ConnectionKind, Sample } from './sample.js';
import type { WatchRun } from './watch.js';

/**
 * A run, folded from its record: everything the judge and the reports look at, in bounded memory.
 * Times are milliseconds since the run's start. Phases are referred to by their index in `phases`.
 */
export interface Run {
  header: RunHeader;
  /** The journal has no last line: the run was cut (kill -9, power) and what follows is all but its last second. */
  cut: boolean;
  durationMs: number;
  phases: Phase[];
  /** Counts by phase, flow, connection kind and version; their sum is everything but the warm-up. */
  cells: Cell[];
  warmup: { requests: number; failed: number; unsent: number };
  /** In the order of the scenario's probes. */
  probes: ProbeRun[];
  /** In the order of the scenario's `watch`. */
  watchers: WatchRun[];
  hosts: Omit<HostClockEvent, 'type'>[];
  requirements: Omit<RequirementEvent, 'type'>[];
  /** Of each step that names its SQL. */
  migrations: Omit<MigrationsEvent, 'type'>[];
  /** Those that ran, after the verdict. */
  hooks: Omit<HookEvent, 'type'>[];
  outages: Outage[];
  stalls: Stall[];
  /** Longest stall of each flow in the baseline, ms: what is normal for it. */
  baselineStallMs: Record<string, number>;
  /** Largest realised gap between sends, ms, of each flow in each phase; `flow` null for the traffic as a whole. */
  sendGaps: { phase: number; flow: string | null; maxMs: number }[];
  versions: VersionSpan[];
  /** How long answers of two versions interleaved in all, ms. */
  versionOverlapMs: number;
  buckets: Bucket[];
  overTime: OverTime;
  /** In order of time; 100 ms without any GET and without a failure have none. */
  getSlots: GetSlot[];
  /** Only where locks of a database are watched: nothing else asks for it. */
  dueLatencies: DueLatencies | null;
  /** The first failed requests in order of their end, at most `FAILURES_KEPT`; the sum is in the cells. */
  failures: FailedRequest[];
  /** The longest time for which a connection to each service was idle, the harness awake, before it was answered on, ms. */
  borneIdleMs: Record<string, number>;
  idleClosed: { at: number; idleMs: number; how: 'fin' | 'rst' }[];
  output: { at: number; step: string; line: string }[];
  outputDropped: number;
  decisions: DecisionEvent[];
  notes: { at: number; text: string }[];
  /** Rollbacks from the command's start to ready, ms; null where it never became ready. */
  rollbacks: { phase: number; role: StepRole; ms: number | null }[];
  generator: Generator;
  end: EndEvent | null;
  /** Contradictions found in the record itself; any makes the run inconclusive. */
  recordFaults: string[];
}

export const FAILURES_KEPT = 2000;
export const BUCKET_MS = 100;

export interface Phase {
  name: string;
  kind: PhaseKind;
  role: StepRole;
  startAt: number;
  endAt: number;
  command: string | null;
  /** From the command's start to its exit; null where none ran (to its end). */
  commandMs: number | null;
  /** From the command's start (the readiness gate's, without one) to ready; null where no gate opened. */
  readyMs: number | null;
  /** The run's time when it became ready. */
  readyAt: number | null;
  holdAt: number | null;
  /** What came of a hold that waited for a number of requests; null where it waited for a time, or did not end. */
  window: Omit<HoldEndedEvent, 'type'> | null;
  exitCode: number | null;
  signal: string | null;
  timedOut: boolean;
  outcome: StepOutcome | null;
  detail: string;
  /** Whether requests that ended in this phase are judged: the traffic was on, and it is not the warm-up. */
  judged: boolean;
  /** Arrivals due inside this phase by the schedule. */
  due: number;
  /** How many arrivals due inside this phase have a sample, sent or not. */
  sampled: number;
}

/** Counts of requests; `requests = ok + failed + retryable + blocked`, `failed` = the sum of `byError`. */
export interface Tally {
  requests: number;
  ok: number;
  failed: number;
  retryable: number;
  /** Answers of a rate limiter or firewall. */
  blocked: number;
  /** Answers that a cache gave in the app's place; they are among `requests`. */
  cached: number;
  unsent: number;
  unsentBy: Partial<Record<UnsentCause, number>>;
  byStatus: Record<string, number>;
  byError: Partial<Record<FailureCause, number>>;
}

/** Latencies are recorded in microseconds. A failed request counts as its timeout where that is longer. */
export interface Cell extends Tally {
  phase: number;
  flow: string;
  connection: ConnectionKind;
  version: string | null;
  /** End - due of every request but the blocked ones: those never reached the app. */
  sinceDue: Histogram;
  /** End - due of the successes. */
  sinceDueOk: Histogram;
  /** End - sent of the same requests, without the time in which the harness itself was not running: the target's part alone. */
  sinceSent: Histogram;
  /** Highest end - due, and end - sent, ms, in each second of the run (by end). */
  maxBySecond: Map<number, { sinceDue: number; sinceSent: number }>;
}

export interface Outage {
  startAt: number;
  /** The first success after the last failure; the traffic's end where there was none. */
  endAt: number;
  durationMs: number;
  recovered: boolean;
  kind: 'hard' | 'partial';
  phase: number;
  streams: string[];
  failed: number;
  byError: Partial<Record<FailureCause, number>>;
  byStatus: Record<string, number>;
  first: FailedRequest;
  last: FailedRequest;
  /** What each flow had of it, in order of time, the longest of each flow and phase at least; absent where one flow had it all. */
  parts?: OutagePart[];
}

/** From the first failure of one flow to its next success. */
export interface OutagePart {
  flow: string;
  startAt: number;
  endAt: number;
  durationMs: number;
  /** The first and the last phase in which it failed. */
  phases: { from: number; to: number };
}

/** From the due time of the oldest unanswered arrival to the flow's next success; only ones over half the limit are listed. */
export interface Stall {
  startAt: number;
  endAt: number;
  durationMs: number;
  /** Of `durationMs`, the time in which the harness itself was not running. */
  harnessMs: number;
  /** When that was, in order and apart; absent where it ran. */
  asleep?: Span[];
  recovered: boolean;
  phase: number;
  streams: string[];
  /** What each flow had of it, in order of time; absent where one flow had it all. Parts have no parts. */
  parts?: Stall[];
}

export interface VersionSpan {
  version: string;
  firstAt: number;
  lastAt: number;
  requests: number;
  failed: number;
}

/** 100 ms of the run, by the time requests ended. Latencies (end - due, ms) are null where nothing ended. */
export interface Bucket {
  at: number;
  requests: number;
  failed: number;
  retryable: number;
  unsent: number;
  byError: Partial<Record<FailureCause, number>>;
  byVersion: Record<string, number>;
  minMs: number | null;
  p50Ms: number | null;
  p99Ms: number | null;
  maxMs: number | null;
}

/**
 * What clients that only GET met in 100 ms of the run, by the time requests were due; one that was due in the
 * baseline and is judged in a later phase counts when that began. Unsent and blocked requests are in none of it.
 */
export interface GetSlot {
  at: number;
  /** GETs on fresh connections. */
  fresh: number;
  /** Of those, failed. */
  failed: number;
  /** Of those, such as any other path would have met: no connection, or a 502 or 503 of a proxy. */
  gone: number;
  /** The longest of them from due to end, ms. */
  maxMs: number;
  /** Failed requests of every other kind. */
  others: number;
  /** GETs that Go's `net/http` sends again, by the time they were lost: on a kept connection, before a byte of an answer. */
  repeatable: number;
}

/** Latencies (end - due) by the time requests were due. Unsent and blocked requests are in none of it. */
export interface DueLatencies {
  /** The first bin begins with the run. */
  binMs: number;
  counts: number[];
  /** Sums of the natural logarithms of the latencies in ms; a failed request counts as its timeout where that is longer. */
  logSums: number[];
  /** The slowest requests of each phase, at most 1,000 each. */
  slowest: SlowRequest[];
}

export interface SlowRequest {
  seq: number;
  phase: number;
  flow: string;
  dueAt: number;
  endedAt: number;
}

export type FailedRequest = Sample & { phase: number };

/** A part of the run's time, ms. */
export interface Span {
  from: number;
  to: number;
}

export interface Generator {
  targetRate: number;
  /** Sends per second over the judged time. */
  achievedRate: number;
  due: number;
  /** The sending thread's own count of arrivals; null where the run was cut. */
  dueByThread: number | null;
  /** Sent - due, ms. */
  latenessMs: { p50: number; p99: number; max: number };
  /** Largest gap between sends of the traffic as a whole, after the warm-up. */
  largestSendGapMs: number;
  eventLoopDelayMs: { p99: number; max: number };
  /** Times in which a sending thread was not running, in order and apart. */
  pauses: Span[];
  /** Those of each sending thread, by its number, and how long the ones took that are not listed, ms. */
  senders: { pauses: Span[]; unlistedMs: number }[];
  /** The same of the probes' thread. */
  probePauses: Span[];
  peakInFlight: number;
  cpu: number;
  /** Garbage collections of the sending threads, ms. */
  gcMs: { max: number; total: number };
  machine: MachineWatch;
}

/** The machine the harness ran on, from the end of the warm-up on; null where the system does not say. */
export interface MachineWatch {
  /** Highest share of a second that the hypervisor took away. */
  stealMax: number | null;
  /** When it took how large a share of all machines' time, 0 to 1. */
  stolen: { from: number; to: number; share: number }[];
  throttledMs: number | null;
  cpuPressureMax: number | null;
  descriptors: { peak: number; limit: number } | null;
  ports: { peak: number; available: number } | null;
  dns: { asked: number; failed: number; maxMs: number; error: string | null } | null;
}
