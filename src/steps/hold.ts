import type { StepKind } from '../model/phase.js';

const HOLD_AFTER: readonly StepKind[] = ['switch', 'reload', 'rollback'];

/** How long traffic goes on after a step is ready, ms: as declared, else max(5 s, target timeout) where traffic moved or the release ends. */
export function holdFor(step: { kind: StepKind; holdMs: number | null }, isLast: boolean, timeoutMs: number): number {
  if (step.holdMs !== null) return step.holdMs;
  return isLast || HOLD_AFTER.includes(step.kind) ? Math.max(5000, timeoutMs) : 0;
}
