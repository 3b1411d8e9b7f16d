import type { StepKind, StepRole } from '../model/phase.js';
import type { Share } from '../model/release.js';
import type { Clock } from '../platform/clock.js';
import type { PhaseBegun } from '../probes/probe.js';
import type { Recorder } from '../record/recorder.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Step } from '../steps/step.js';
import type { Halt } from './halt.js';
import type { Mark } from './marks.js';
import type { RequestCount } from './request-count.js';
import type { Lead } from './shards/lead.js';
import type { Watchdog } from './watchdog.js';

/** What the conductor asks of the judgement while the run goes on; answered from the record so far. */
export interface LiveJudge {
  /** Why the baseline does not hold; empty where it does. */
  baselineFailures(): string[];
  /** Thresholds with `abortOnFail` that are crossed by now. */
  abortReasons(): string[];
  /** Why latencies cannot be judged by the baseline: too short, or too noisy; empty where they can. */
  baselineNoise(): string[];
  /** The version that answered last; null where none is declared or seen. */
  latestVersion(): string | null;
}

/** Everything the parts of a run share. */
export interface RunContext {
  scenario: Scenario;
  /** The run directory. */
  dir: string;
  runId: string;
  originNs: bigint;
  clock: Clock;
  recorder: Recorder;
  judge: LiveJudge;
  watchdog: Watchdog;
  halt: Halt;
  userAgent: string;
  /** Environment of the harness itself, under that of the scenario. */
  environment: Record<string, string>;
  /** Why the step under way runs, and its name; null where none is. */
  role: StepRole;
  onStep: string | null;
  /** Whether the command of that step runs: its gate and its hold come after it. */
  commandRuns: boolean;
  /** Steps of the rollback under way whose part is still to be begun; null outside of a rollback. */
  rollbackLeft: readonly Step[] | null;
  /**
   * What the first signal leads to: nothing to stop yet, a step that is stopped, the way back, or work that goes on;
   * or the release is over.
   */
  onInterrupt: 'nothing-begun' | 'stop' | 'roll-back' | 'go-on' | 'over';
  /** Start of the latest phase. */
  phaseAt: number;
  /** Kind of the phase that the step under way marked last; null where it marked none. */
  marked: StepKind | null;
  /** Set once the baseline was measured. */
  baselineVersion: string | null;
  /** What went wrong in the harness; any entry makes the run inconclusive. */
  faults: string[];
  /** Marks of `zdd-verify mark` since the last call. */
  readMarks(): Mark[];
  /** Makes secrets unreadable. */
  redact(text: string): string;
  /** Lets the mix arrive at another rate from now on; null: at its own. Does nothing before the traffic begins. */
  setMixRate(ratePerSec: number | null): void;
  /** The other shards of this run's traffic, which follow this one; null where it is sent here alone. */
  lead: Lead | null;
  /** Begins to count the requests of a share of the traffic. */
  countRequests(share: Share): RequestCount;
  /** Tells the probes and the watchers that a phase has begun; does nothing before they were started. */
  tellPhase(phase: PhaseBegun): void;
  /** Called with progress that is shown but not recorded. */
  onProgress(activity: string): void;
}
