import type { PhaseKind, StepRole } from '../model/phase.js';
import type { ProbeEvent, ProbeName } from '../model/probe.js';
import type { Clock } from '../platform/clock.js';
import type { ProbeOptions, ProbesPlan } from './plan.js';

/** A phase of the run has begun. */
export interface PhaseBegun {
  at: number;
  name: string;
  kind: PhaseKind;
  role: StepRole;
}

/** What a probe is given. */
export interface ProbeContext {
  plan: Omit<ProbesPlan, 'probes'>;
  clock: Clock;
  /** Aborted when the traffic ends: finish what is under way, read back what was acknowledged, and return. */
  stopping: AbortSignal;
  /** Aborted when there is no time left: return, or throw its reason, at once. */
  signal: AbortSignal;
  record(event: WithoutProbe<ProbeEvent>): void;
  /** Called for every phase that begins after the probe was started. */
  onPhase(listener: (phase: PhaseBegun) => void): void;
}

export type WithoutProbe<E> = E extends unknown ? Omit<E, 'probe'> : never;

/** One kind of traffic beside the mix. What the app does is recorded, never thrown; a throw means a broken harness. */
export interface Probe<Name extends ProbeName = ProbeName> {
  name: Name;
  /**
   * Runs until `context.stopping`; what it opened is closed when the promise settles. `probe-ended` is recorded for it.
   */
  run(options: ProbeOptions[Name], context: ProbeContext): Promise<void>;
}
