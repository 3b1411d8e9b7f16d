import type { PhaseKind } from '../model/phase.js';
import type { Observation, WatcherName } from '../model/watch.js';
import type { Clock } from '../platform/clock.js';
import type { WatchPlanOf } from './plan.js';

/** What a watcher is given. */
export interface WatchContext {
  clock: Clock;
  /** Aborted when the run ends: a last look, then return. */
  stopping: AbortSignal;
  /** Aborted when there is no time left: return at once. */
  signal: AbortSignal;
  /** Kind of the phase under way; null before the baseline. */
  phase(): PhaseKind | null;
  /** Called for every phase that begins from now on. */
  onPhase(listener: () => void): void;
  /** `at`: when it was seen, where that is not now. */
  record(observation: Observation, at?: number): void;
}

/**
 * Evidence without requests. What it cannot see it says (`blind`), it never guesses; a throw means that the watcher
 * itself is broken. It sends nothing to the target and changes nothing. It runs on the conductor's thread: a look costs
 * a millisecond or two at most.
 */
export interface Watcher<Name extends WatcherName = WatcherName> {
  name: Name;
  /** Looks until `context.stopping`; what it opened is closed when the promise settles. */
  watch(plan: WatchPlanOf<Name>, context: WatchContext): Promise<void>;
}
