import type { LockSession, LockWait } from './watch.js';

/** Waits for locks of a database, judged: how long users were kept waiting, by whom, and whether their requests show it. */
export interface RunLocks {
  /** Those of the judged time, in the order in which they began. */
  waits: JudgedWait[];
  /** Waits that were seen and are not among them. */
  dropped: number;
  /** Phases with a wait, in the order of the run. */
  phases: PhaseLocks[];
  /**
   * Longest time between two looks in the phases of kind `migrate`, or after the baseline where there are none, ms: a
   * shorter wait may have been missed. Null where nobody looked then.
   */
  lookGapMs: number | null;
  /** Everything after the baseline, ms. */
  blockedMs: number;
  waitedMs: number;
}

export interface JudgedWait extends LockWait {
  /** Name of the watcher. */
  watch: string;
  /** The phase in which it began. */
  phase: number;
  /** The session that waits is that of a change of the schema, not of a user's request. */
  ofChange: boolean;
}

export interface TimeSpan {
  from: number;
  to: number;
}

/**
 * How sessions came to wait. `queue`: behind a change of the schema that waited itself; `held`: for a lock that a change
 * of the schema held; `other`: for each other.
 */
export type LockKind = 'queue' | 'held' | 'other';

export interface PhaseLocks {
  phase: number;
  /** Times in which a session waited that is not the schema change's own: they do not overlap. */
  windows: TimeSpan[];
  /** Their sum, ms, and by how much it may be wrong. */
  blockedMs: number;
  errorMs: number;
  /** The same time by how it came; a moment may count for two of them. */
  byKind: Record<LockKind, number>;
  /** The one that most of it is of; null where nobody but the schema change waited, or where it cannot be told. */
  kind: LockKind | null;
  /** How long the schema change itself waited, ms. */
  waitedMs: number;
  /** Sessions that waited, but for the schema change's own. */
  sessions: number;
  /** What they waited for, the longest first. */
  relations: string[];
  longest: JudgedWait | null;
  /** The session that changes the schema, and the one it waited for; null where there was none, or none to be seen. */
  change: LockSession | null;
  reader: LockSession | null;
  /** Null where nobody but the schema change waited. */
  latency: LockLatency | null;
}

/** Whether requests were slow when sessions waited, and because of it. */
export interface LockLatency {
  /** From here on a request is slow, ms: twice the baseline's p99, and 20 ms over it. */
  limitMs: number;
  /** Slow requests of the phase, at most the 1,000 slowest, and those that spent half of their time in the windows. */
  slow: number;
  within: number;
  /** How often windows of this length at another time would have met latencies as high; null where that cannot be told. */
  p: number | null;
  /** `none`: no request was slow; `lock`: what was slow was so because of the lock; `other`: load, or something else. */
  verdict: 'lock' | 'other' | 'none' | 'unknown';
}
