import { isFailure } from '../../model/outcome.js';
import type { Sample } from '../../model/sample.js';
import type { PhaseLog } from './phases.js';

/** Phase index of a warm-up arrival: one due before judging began. */
export const WARMUP = -1;

/**
 * The phase a sample is judged in: the one in which it ended. A timeout belongs to the first step that began
 * while it was waiting, else to the phase of its due time; so does an arrival that was not sent.
 */
export function attribute(sample: Sample, log: PhaseLog): number {
  const judgedFrom = log.judgedFrom();
  if (judgedFrom === null || sample.dueAt < judgedFrom) return WARMUP;
  const { outcome } = sample;
  if (outcome.kind === 'unsent') return log.at(sample.dueAt);
  if (outcome.kind !== 'ok' && 'cause' in outcome && outcome.cause === 'timeout') {
    const begun = log.firstBegunBetween(sample.dueAt, sample.endedAt);
    return begun === -1 ? log.at(sample.dueAt) : begun;
  }
  return Math.max(log.at(sample.endedAt), log.at(judgedFrom));
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
