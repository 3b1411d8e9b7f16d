import type { StepKind } from '../model/phase.js';
import type { RequestPlan } from '../wire/plan.js';

/** One release action. Texts may still hold `${baseline.version}`, known only once the baseline was measured. */
export interface Step {
  name: string;
  kind: StepKind;
  /** A string is a shell script, never interpolated; a list is argv without a shell. */
  run: string | string[] | null;
  cwd: string | null;
  env: Record<string, string>;
  timeoutMs: number;
  ready: Readiness | null;
  /** How long traffic goes on after the step is ready, ms; null for the default. */
  holdMs: number | null;
  onFail: 'rollback' | 'abort' | 'continue' | null;
}

/** Open once every check passed `consecutive` times in a row; each check on a fresh connection. */
export interface Readiness {
  checks: RequestPlan[];
  consecutive: number;
  withinMs: number;
  intervalMs: number;
}
