import type { ReleaseState } from './event.js';
import type { ExitCode } from './exit-codes.js';
import type { Gate, Verdict } from './verdict.js';

/** One of several runs of the same release; `verdict` null where its record could not be judged. */
export interface Deploy {
  /** The run directory. */
  dir: string;
  verdict: Verdict | null;
  release: ReleaseState | null;
  gate: Gate | null;
  exitCode: ExitCode;
  /** One sentence. */
  headline: string;
}

/** What repeated deploys prove of the next one. `deploys = good + bad`: those that prove nothing are neither. */
export interface Deploys {
  /** How many were asked for; fewer ran where one left the target in a state that is not the first one's. */
  planned: number;
  deploys: number;
  good: number;
  bad: number;
  inconclusive: number;
  /**
   * One-sided exact binomial upper limit (95 %) of the share of bad deploys, 0 to 1, assuming that they are independent
   * and like these; 1 where none proves anything.
   */
  badRateUpper95: number;
  runs: (Deploy & { counts: 'good' | 'bad' | 'inconclusive' })[];
}
