export const STEP_KINDS = [
  'setup',
  'build',
  'migrate',
  'warm',
  'switch',
  'reload',
  'verify',
  'rollback',
  'teardown',
  'custom',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** Once a step of one of these kinds has begun, users may be on the new release and a failure is rolled back. */
export const MOVES_TRAFFIC: readonly StepKind[] = ['switch', 'reload', 'verify', 'custom'];

/** `warmup` is sent and recorded but not judged; it and `teardown` are not listed in `run.json`. */
export type PhaseKind = StepKind | 'warmup' | 'baseline';

/** Why a step runs: as part of the release, to undo it, to exercise the way back, or to go forward once more. */
export type StepRole = 'release' | 'emergency' | 'rehearsal' | 'forward';

/** How a step ended. */
export type StepOutcome = 'ok' | 'failed' | 'timeout' | 'not-ready' | 'stopped' | 'not-reached' | 'skipped';
