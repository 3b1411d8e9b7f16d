import { STEP_KINDS, type StepKind } from '../model/phase.js';
import type { RunContext } from './context.js';
import type { Mark } from './marks.js';
import { beginPhase } from './phase.js';

/**
 * Turns the marks that came since the last call (`zdd-verify mark NAME`, from inside a step) into phases of the
 * run. Called now and then, and always before the step's end is recorded: phases stay in the order of time.
 */
export function takeMarks(context: RunContext): void {
  for (const mark of context.readMarks()) {
    const phase = markedPhase(context, mark);
    context.marked = phase.kind;
    beginPhase(context, { ...phase, role: context.role });
  }
}

/** Leaves out the marks that came before the release began: phases of theirs would take the baseline's place. */
export function leaveOutMarks(context: RunContext): void {
  if (context.readMarks().length === 0) return;
  const text = 'what was marked before the baseline was over is left out';
  context.recorder.event({ type: 'note', at: context.clock.now(), text });
}

/** Traffic runs beside them, so that users may be harmed: what a pipeline calls setup or teardown is judged too. */
const WITHOUT_TRAFFIC: readonly StepKind[] = ['setup', 'teardown'];

/**
 * The phase that a mark begins, of the kind that its name says. Marks may be read late, and those of processes side by
 * side in either order: none begins before the latest phase does.
 */
export function markedPhase(
  { clock, originNs, phaseAt }: RunContext,
  { name, ns }: Mark,
): { at: number; name: string; kind: StepKind } {
  const at = Math.max(phaseAt, Math.min(clock.now(), Number(ns - originNs) / 1e6));
  const known = STEP_KINDS.find((kind) => kind === name);
  return { at, name, kind: known === undefined || WITHOUT_TRAFFIC.includes(known) ? 'custom' : known };
}
