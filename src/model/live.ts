import type { StepOutcome } from './phase.js';

/** What the screen shows of a run under way; updated at most four times a second. */
export interface LiveView {
  scenario: string;
  target: string;
  elapsedMs: number;
  /** How long runs of this scenario took lately; null where there is none to go by. */
  expectedMs: number | null;
  ratePerSec: number;
  latenessMs: number;
  steps: { name: string; state: 'waiting' | 'running' | StepOutcome; ms: number }[];
  /** What the current step is doing: `command`, `ready 7/20`, `hold`. */
  activity: string;
  counts: {
    requests: number;
    ok: number;
    failed: number;
    retryable: number;
    blocked: number;
    unsent: number;
    /** Breaches that probes found. */
    probeFaults: number;
    byError: Record<string, number>;
  };
  /** Failures and p99 (ms) of the last seconds, oldest first. */
  failuresPerSecond: number[];
  p99PerSecond: (number | null)[];
  /** What a failing threshold allows the p99 of all traffic to be; null as long as that is unknown. */
  p99LimitMs: number | null;
  lastFailure: string | null;
  /** What Ctrl-C leads to at this moment: `roll back`. */
  onInterrupt: string;
}
