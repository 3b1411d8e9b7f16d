import type { MeasuredAdvice } from './advice.js';
import type { Detectability } from './detectability.js';
import type { ReleaseState } from './event.js';
import type { ExitCode } from './exit-codes.js';
import type { LatencyIntervals } from './latency-intervals.js';
import type { RunLocks } from './locks.js';
import type { OldCheck } from './old-checks.js';
import type { Reconciliation } from './reconciliation.js';
import type { BlastRadius } from './release.js';
import type { Level, Metric } from './threshold.js';
import type { VersionTimeline } from './version-timeline.js';

export type Verdict = 'zero-downtime' | 'downtime' | 'inconclusive';
export type Gate = 'pass' | 'fail' | 'inconclusive';

/** What the run proves: a pure function of the Run. */
export interface Judgement {
  /** States facts about users. */
  verdict: Verdict;
  /** States what became of the deploy. */
  release: ReleaseState;
  /** Applies the team's thresholds to the record. */
  gate: Gate;
  exitCode: ExitCode;
  /** Every reason that decided, the strongest first; plain sentences. */
  reasons: string[];
  /** One sentence for the banner and the terminal. */
  headline: string;
  bound: Bound & { streams: ({ name: string } & Bound)[]; phases: ({ name: string } & Bound)[] };
  thresholds: ThresholdResult[];
  findings: Finding[];
  /** How likely an outage would have been seen. */
  detectability: Detectability;
  /** p99 with its limits, of the baseline and of each step. */
  latencyIntervals: LatencyIntervals;
  /** What became of failed requests behind the proxy, by their ids; empty where no log was read for them. */
  reconciliation: Reconciliation[];
  /** Who waited for locks of a database; null where nobody looked. */
  locks: RunLocks | null;
  /** Settings that follow from what was measured. */
  advice: MeasuredAdvice;
  /** What other ways of checking would have said of the same run. */
  oldChecks: OldCheck[];
  /** When each version answered; null where none is known. */
  versionTimeline: VersionTimeline | null;
  /** The likeliest cause of what users met first, or of why nothing is proven; null where there is nothing to explain. */
  cause: Finding | null;
  /** Whether the harness did its own part: nothing unsent, no gap, counts conserved. */
  healthy: boolean;
  /** Why it did not. */
  harnessReasons: string[];
  /** Version the target serves now; null where unknown. */
  servesNow: string | null;
  /** Whether the version was seen to change and to come back: null where it is neither declared nor watched. */
  changeVerified: boolean | null;
  /** How many users a release that was undone has reached; null where none was, or where no version says it. */
  blastRadius: BlastRadius | null;
  /** When the last step that moves traffic was ready, ms of the run; null where none was. */
  deployedAt: number | null;
}

/**
 * One-sided exact binomial upper limit (Clopper-Pearson, 95 %) of the failure rate, assuming independent
 * failures, and the shortest outage that could not have been missed: the largest realised gap between sends.
 */
export interface Bound {
  requests: number;
  failures: number;
  failureRateUpper95: number;
  shortestDetectableOutageMs: number;
}

export interface ThresholdResult {
  metric: Metric;
  /** With its selector, as in the scenario: `latency{step:migrate}`. */
  name: string;
  expression: string;
  level: Level;
  origin: 'user' | 'default';
  /** Null where there was nothing to measure. Times in ms. */
  actual: number | null;
  /** The limit in the same unit as `actual`, with `2*baseline` worked out; null where it cannot be. */
  limit: number | null;
  /** Null where nothing can be said. */
  ok: boolean | null;
  /** `run` for everything after the baseline, else the step's name (steps judged together joined by ` + `). */
  phase: string;
  /** Why nothing can be said, or what the reader should know. */
  note: string;
  source: { file: string; line: number } | null;
}

export interface Finding {
  rule: string;
  severity: 'breach' | 'risk' | 'note';
  phase: string;
  claim: string;
  /** Sentences with times, counts and sample numbers. */
  evidence: string[];
  remedy: string;
  /** Of a cause: its number in the list of failure modes, null where it has none. Facts have none of these three. */
  mode?: number | null;
  confidence?: Confidence;
  /** The next likeliest cause; null where no other comes into question. */
  runnerUp?: { rule: string; claim: string; confidence: Confidence } | null;
}

/** How sure a cause is: `high` where much speaks for it and clearly more than for any other. */
export type Confidence = 'high' | 'medium' | 'low';
