import type { StepOutcome } from './phase.js';

/** What the screen shows of a run under way; updated at most four times a second. */
export interface LiveView {
  scenario: string;
  target: string;
  elapsedMs: number;
  /** An estimate of the whole run; null where a step's length is unknown. */
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
  lastFailure: string | null;
}
