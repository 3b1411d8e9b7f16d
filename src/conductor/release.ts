import { messageOf } from '../model/errors.js';
import type { DecisionCause, ReleaseState } from '../model/event.js';
import { MOVES_TRAFFIC, type StepRole } from '../model/phase.js';
import { every } from '../platform/clock.js';
import { needsBaselineVersion } from '../scenario/baseline-version.js';
import type { Step } from '../steps/step.js';
import type { RunContext } from './context.js';
import { decide } from './decide.js';
import { Halted } from './halt.js';
import { leaveOutMarks, takeMarks } from './live-marks.js';
import { beginPhase } from './phase.js';
import { runStep, type StepResult } from './run-step.js';

const JUDGE_EVERY_MS = 1000;
const MARKS_EVERY_MS = 50;
/** Lets samples of the last moments arrive before the baseline is judged. */
const SETTLE_MS = 700;

/**
 * The release beside the traffic: baseline, steps, the way back when it must be, its rehearsal when all went well.
 * Resolves with what became of the release.
 */
export async function runRelease(context: RunContext): Promise<ReleaseState> {
  const { scenario, halt } = context;
  if (!(await runBaseline(context)) || lacksVersion(context)) return 'not-started';
  const stopWatching = watchThresholds(context);
  leaveOutMarks(context);
  const stopMarks = every(MARKS_EVERY_MS, () => takeMarks(context));
  try {
    const done = await runSteps(context, scenario.steps, 'release');
    if (done !== 'completed') return done;
    if (scenario.rehearsal === 'none' || scenario.rollback.length === 0) return 'completed';
    if (!(await runRollback(context, 'rehearsal'))) return 'rollback-failed';
    if (halt.reason !== null) {
      decide(context, halt.reason.cause, 'continue', halt.reason.detail);
      return 'rolled-back';
    }
    if (scenario.rehearsal === 'rollback') return 'completed';
    const first = scenario.steps.findIndex(({ kind }) => MOVES_TRAFFIC.includes(kind));
    return await runSteps(context, first === -1 ? [] : scenario.steps.slice(first), 'forward');
  } finally {
    context.onInterrupt = 'over';
    stopMarks();
    stopWatching();
  }
}

/** Whether the baseline holds: measured before any step, so that what was broken before is not blamed on the release. */
export async function runBaseline(context: RunContext): Promise<boolean> {
  const { scenario, clock, halt, judge } = context;
  try {
    context.onProgress('warm-up');
    await clock.sleep(scenario.warmupMs + 50, halt.signal);
    beginPhase(context, { at: clock.now(), name: 'baseline', kind: 'baseline', role: 'release' });
    context.onProgress('baseline');
    await clock.sleep(scenario.baselineMs, halt.signal);
    await clock.sleep(SETTLE_MS, halt.signal);
  } catch (error) {
    if (!(error instanceof Halted) || halt.reason === null) throw error;
    decide(context, halt.reason.cause, 'abort', halt.reason.detail);
    return false;
  }
  const failures = judge.baselineFailures();
  if (failures.length > 0) {
    decide(context, 'baseline', 'abort', failures.join('; '));
    return false;
  }
  for (const text of judge.baselineNoise()) context.recorder.event({ type: 'note', at: clock.now(), text });
  context.baselineVersion = judge.latestVersion();
  return true;
}

/** Whether a step or the way back asks for the version of a baseline in which no answer told one: it would fail. */
function lacksVersion(context: RunContext): boolean {
  const { scenario, baselineVersion } = context;
  const needing = [...scenario.steps, ...scenario.rollback].filter(needsBaselineVersion).map(({ name }) => name);
  if (baselineVersion !== null || needing.length === 0) return false;
  const detail = `no answer told its version, and ${needing.join(', ')} cannot do without it: let the release that is live tell it first, or leave out \`target.version\` and what asks for the old version for this release`;
  decide(context, 'baseline', 'abort', detail);
  return true;
}

/** Runs steps in order; undoes the release where one fails after traffic may have moved. */
async function runSteps(context: RunContext, steps: Step[], role: StepRole): Promise<ReleaseState> {
  const { halt } = context;
  let begun = role === 'forward';
  let moved = role === 'forward';
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1;
    const name = role === 'forward' ? `${step.name} (forward)` : step.name;
    if (halt.reason === null) {
      begun = true;
      if (MOVES_TRAFFIC.includes(step.kind)) moved = true;
      context.onInterrupt = moved ? 'roll-back' : 'stop';
    }
    const result: StepResult =
      halt.reason === null
        ? await guarded(context, () => runStep(context, step, role, { isLast, signal: halt.signal, name }))
        : { outcome: 'stopped', detail: halt.reason.detail };
    if (result.outcome === 'ok') {
      if (role !== 'release' || context.marked !== 'rollback') continue;
      decide(context, 'command', 'rollback', `${name} ended in the rollback that it marked`);
      return 'rolled-back';
    }
    const cause = result.outcome === 'stopped' ? (halt.reason?.cause ?? 'harness') : causeOf(result);
    const action = actionOf(context, step, cause, moved);
    decide(context, cause, action, result.detail);
    if (action === 'abort') return begun ? 'aborted' : 'not-started';
    if (action === 'rollback') return (await runRollback(context, 'emergency')) ? 'rolled-back' : 'rollback-failed';
  }
  return 'completed';
}

/** A harness that breaks in the middle of a step must still bring the release back. */
export async function guarded(context: RunContext, run: () => Promise<StepResult>): Promise<StepResult> {
  try {
    return await run();
  } catch (error) {
    const detail = `zdd-verify failed: ${messageOf(error)}`;
    context.faults.push(detail);
    context.halt.request({ cause: 'harness', detail });
    return { outcome: 'stopped', detail };
  }
}

/** What to do about a step that failed: as the step says for its own failure, else back if traffic may have moved. */
function actionOf(
  context: RunContext,
  step: Step,
  cause: DecisionCause,
  moved: boolean,
): 'rollback' | 'abort' | 'continue' {
  const ownFailure = cause === 'command' || cause === 'readiness';
  const wanted = ownFailure && step.onFail !== null ? step.onFail : moved ? 'rollback' : 'abort';
  return wanted === 'rollback' && context.scenario.rollback.length === 0 ? 'abort' : wanted;
}

/**
 * Never interrupted: half a rollback is worse than none. True where every step of it was done and ready, those apart
 * that may fail; where all of them failed, nothing was undone.
 */
export async function runRollback(context: RunContext, role: 'emergency' | 'rehearsal'): Promise<boolean> {
  const { rollback } = context.scenario;
  context.onInterrupt = 'go-on';
  const signal = new AbortController().signal;
  let done = rollback.length === 0;
  for (const [index, step] of rollback.entries()) {
    const isLast = index === rollback.length - 1;
    context.rollbackLeft = rollback.slice(index);
    const result = await guarded(context, () => runStep(context, step, role, { isLast, signal }));
    if (result.outcome === 'ok') {
      done = true;
      continue;
    }
    const mayFail = step.onFail === 'continue' && result.outcome !== 'stopped';
    decide(context, causeOf(result), mayFail ? 'continue' : 'abort', `rollback: ${result.detail}`);
    if (!mayFail) {
      done = false;
      break;
    }
  }
  context.rollbackLeft = null;
  return done;
}

function watchThresholds(context: RunContext): () => void {
  if (!context.scenario.thresholds.some(({ abortOnFail }) => abortOnFail)) return () => {};
  return every(JUDGE_EVERY_MS, () => {
    if (context.halt.reason !== null) return;
    const [reason] = context.judge.abortReasons();
    if (reason !== undefined) context.halt.request({ cause: 'threshold', detail: reason });
  });
}

export function causeOf(result: StepResult): DecisionCause {
  return result.outcome === 'not-ready' ? 'readiness' : 'command';
}
