import type { PhaseEvent } from '../model/event.js';
import type { RunContext } from './context.js';

/** Puts the beginning of a phase on record, and tells the probes and the watchers of it. */
export function beginPhase(context: RunContext, phase: Omit<PhaseEvent, 'type'>): void {
  context.recorder.event({ type: 'phase', ...phase });
  context.phaseAt = phase.at;
  context.tellPhase(phase);
}
