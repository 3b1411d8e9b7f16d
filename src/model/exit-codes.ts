/** Exit codes of the command; fixed, never a child's own. */
export const EXIT = {
  PASS: 0,
  FAULT: 1,
  USAGE: 2,
  PREFLIGHT: 94,
  ROLLBACK_FAILED: 95,
  NOT_READY: 96,
  STEP_FAILED: 97,
  INCONCLUSIVE: 98,
  THRESHOLD: 99,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANING: Record<ExitCode, string> = {
  0: 'the gate passes and the release is done',
  1: 'a fault in zdd-verify itself',
  2: 'usage or scenario invalid; nothing was run',
  94: 'preflight: the target is unhealthy, or the baseline already crosses a failure threshold; no step was run',
  95: 'the rollback failed: act by hand',
  96: 'readiness timed out; rolled back or aborted',
  97: "a step's command failed or timed out; rolled back or aborted",
  98: 'inconclusive: the run proves neither',
  99: 'a threshold was crossed',
  130: 'interrupted (SIGINT); rolled back if the switch had begun and a rollback is defined',
  143: 'terminated (SIGTERM or SIGHUP); rolled back if the switch had begun and a rollback is defined',
};

/** Strongest first: 95 > 130/143 > 97, 96 > 99 > 1 > 98 > 0. */
const PRECEDENCE: readonly ExitCode[] = [2, 94, 95, 130, 143, 97, 96, 99, 1, 98, 0];

/** The code that stands when several apply; no code at all is a fault, never a pass. */
export function strongestExitCode(codes: readonly ExitCode[]): ExitCode {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? EXIT.FAULT;
}
