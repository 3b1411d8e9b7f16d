/** The library: write scenarios in TypeScript, read and judge records. */
export { judge } from './judge/judge.js';
export { ERROR_CODES, type ErrorCode, ZddError } from './model/errors.js';
export { EXIT, EXIT_MEANING, type ExitCode } from './model/exit-codes.js';
export type { Run } from './model/run.js';
export type { Bound, Finding, Gate, Judgement, ThresholdResult, Verdict } from './model/verdict.js';
export { runJson } from './report/json.js';
export { defineScenario, type ScenarioInput } from './scenario/define.js';
