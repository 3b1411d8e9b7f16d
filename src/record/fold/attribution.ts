import { isFailure } from '../../model/outcome.js';
import type { Sample } from '../../model/sample.js';
import type { PhaseLog } from './phases.js';

/** Phase index of a warm-up arrival: one due before judging began that no step has failed. */
export const WARMUP = -1;

/**
 * The phase a sample is judged in: the one in which it ended. A timeout belongs to the first step that began
 * while it was waiting, else to the phase of its due time; so does an arrival that was not sent. What was due in the
 * warm-up is left out, but for what the other side failed after the first step began.
 */
export function attribute(sample: Sample, log: PhaseLog): number {
  const judgedFrom = log.judgedFrom();
  if (judgedFrom === null) return WARMUP;
  const { outcome } = sample;
  const isTimeout = outcome.kind !== 'ok' && 'cause' in outcome && outcome.cause === 'timeout';
  if (sample.dueAt < judgedFrom) {
    const isOfStep = isFailure(outcome) && !isTimeout && hasBegunSteps(sample.endedAt, log);
    return isOfStep ? log.at(sample.endedAt) : WARMUP;
  }
  if (outcome.kind === 'unsent') return log.at(sample.dueAt);
  if (isTimeout) {
    const begun = log.firstBegunBetween(sample.dueAt, sample.endedAt);
    return begun === -1 ? log.at(sample.dueAt) : begun;
  }
  return Math.max(log.at(sample.endedAt), log.at(judgedFrom));
}

function hasBegunSteps(at: number, log: PhaseLog): boolean {
  const phase = log.phases[log.at(at)];
  return phase !== undefined && phase.kind !== 'baseline';
}

/** A sample together with what attribution found: what every question of the fold starts from. */
export interface Attributed {
  sample: Sample;
  /** Number of the flow in the header. */
  flow: number;
  phase: number;
  /** When it ended, never before the one that was looked at last. */
  at: number;
  ok: boolean;
  failed: boolean;
}

export function attributed(sample: Sample, flow: number, phase: number, at: number): Attributed {
  return { sample, flow, phase, at, ok: sample.outcome.kind === 'ok', failed: isFailure(sample.outcome) };
}
