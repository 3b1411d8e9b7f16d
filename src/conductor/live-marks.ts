import { STEP_KINDS, type StepKind } from '../model/phase.js';
import type { RunContext } from './context.js';
import { beginPhase } from './phase.js';

/**
 * Turns the marks that came since the last call (`zdd-verify mark NAME`, from inside a step) into phases of the
 * run. Called now and then, and always before the step's end is recorded: phases stay in the order of time.
 */
export function takeMarks(context: RunContext): void {
  for (const { name, ns } of context.readMarks()) {
    const at = Math.min(context.clock.now(), Number(ns - context.originNs) / 1e6);
    const kind = (STEP_KINDS as readonly string[]).includes(name) ? (name as StepKind) : 'custom';
    beginPhase(context, { at, name, kind, role: context.role });
  }
}
