import type { StepRole } from './phase.js';
import type { Verdict } from './verdict.js';

/** `inconclusive`: a run is no evidence, or the machine differs as much as the release might; never a pass. */
export type ComparisonResult = 'regression' | 'no-regression' | 'inconclusive';

/** `~`: nothing can be said, or nothing that matters. */
export type ChangeState = 'slower' | 'faster' | '~';

/** A run held against earlier ones of the same scenario. Times are ms. */
export interface Comparison {
  schema: 'zdd-verify/comparison/v1';
  result: ComparisonResult;
  /** One sentence. */
  headline: string;
  /** What decided, then what a reader should know; plain sentences. */
  reasons: string[];
  notes: string[];
  /** Probability of any false regression or improvement in `latency`, where nothing has changed: at most this. */
  familyWiseErrorRate: number;
  base: ComparedRun[];
  new: ComparedRun;
  /** What users met after the baseline, where either side has any. */
  failures: FailureChange[];
  /** The baseline phase, before any release: what changed here is the machine, the network or the load. */
  control: LatencyChange[];
  latency: LatencyChange[];
}

export interface ComparedRun {
  /** As it was given. */
  dir: string;
  runId: string;
  startedAt: string;
  verdict: Verdict;
  release: string;
  /** Whether it is evidence: the harness did its part and the record has an end. */
  healthy: boolean;
}

export type FailureKind = 'failed' | 'outage' | 'stall' | 'breach';

/** `count` of requests, outages, stalls or of what a probe found; `longestMs` of outages and stalls, else null. */
export interface FailureChange {
  kind: FailureKind;
  step: string;
  role: StepRole;
  /** Of requests: their flow. Of a breach: what was lost. */
  what: string | null;
  /** One entry for each base run. */
  base: FailureCount[];
  new: FailureCount;
  state: 'worse' | 'better' | '~';
  reason: string;
}

export interface FailureCount {
  count: number;
  requests: number;
  longestMs: number | null;
}

/** One flow (null: all together) in one step, matched by name, role and how often the name came before. */
export interface LatencyChange {
  step: string;
  role: StepRole;
  flow: string | null;
  samples: { base: number; new: number };
  /** Probability that a request of the new run takes longer than one of the base's (Vargha-Delaney A12); 0.5 is none. */
  a12: number | null;
  /** By Mann and Whitney's test. */
  p50: QuantileChange;
  /** By the share of requests over the common p99. */
  p99: QuantileChange;
}

export interface QuantileChange {
  /** Ms; null without samples. */
  base: number | null;
  new: number | null;
  /** 95 % interval of new less base, ms; null where none can be made. */
  interval95: [number, number] | null;
  /** Lowest and highest of the base runs; null for a single one. */
  baseRange: [number, number] | null;
  /** Of the test, and adjusted for all tests of the comparison; null where there was none. */
  p: number | null;
  pAdjusted: number | null;
  state: ChangeState;
  /** Why nothing can be said; empty for a change. */
  reason: string;
}
