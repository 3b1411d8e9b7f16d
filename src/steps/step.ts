import type { StepKind } from '../model/phase.js';
import type { Endpoint } from '../wire/endpoint.js';
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
  /** Rate at which the mix arrives while the step's phase lasts, arrivals per second; null for the traffic's own. */
  ratePerSec: number | null;
  onFail: 'rollback' | 'abort' | 'continue' | null;
}

/** Open once every check passed `consecutive` times in a row; each check on a fresh connection. */
export interface Readiness {
  checks: ReadinessCheck[];
  consecutive: number;
  withinMs: number;
  intervalMs: number;
}

export interface ReadinessCheck extends RequestPlan {
  /** The service that is asked; null for the main one, or where the path is the URL of something else. */
  endpoint: Endpoint | null;
}
