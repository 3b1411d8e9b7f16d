import type { StepRole } from '../model/phase.js';
import { holdsBaselineVersion, withBaselineVersion } from '../scenario/baseline-version.js';
import { holdFor } from '../steps/hold.js';
import { awaitReady } from '../steps/readiness.js';
import type { Step } from '../steps/step.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { RunContext } from './context.js';
import { Halted } from './halt.js';
import { holdUntil } from './hold-until.js';
import { takeMarks } from './live-marks.js';
import { beginPhase } from './phase.js';
import { type Running, runCommand, type StepResult } from './run-command.js';

export type { StepResult } from './run-command.js';

/**
 * Runs one step: command, readiness gate, hold. `signal` interrupts it (its process group is then ended); a
 * rollback is given one that never fires.
 */
export async function runStep(
  context: RunContext,
  declared: Step,
  role: StepRole,
  options: { isLast: boolean; signal: AbortSignal; name?: string },
): Promise<StepResult> {
  const { recorder, clock, baselineVersion } = context;
  const step = baselineVersion === null ? declared : withBaselineVersion(declared, baselineVersion);
  const name = options.name ?? step.name;
  context.role = role;
  context.onStep = name;
  context.marked = null;
  beginPhase(context, { at: clock.now(), name, kind: step.kind, role });
  context.setMixRate(step.ratePerSec);
  let result: StepResult;
  try {
    result =
      baselineVersion === null && holdsBaselineVersion(declared)
        ? { outcome: 'failed', detail: `${name} needs the version of the baseline, and none is on record` }
        : await commandThenReady(context, step, { name, role, signal: options.signal });
    // A step that may fail is followed by its hold all the same: users are on whatever it left.
    if (result.outcome === 'ok' || step.onFail === 'continue') await hold(context, step, options);
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    result = { outcome: 'stopped', detail: context.halt.reason?.detail ?? 'stopped' };
  }
  takeMarks(context);
  context.onStep = null;
  recorder.event({ type: 'step-ended', at: clock.now(), name, ...result });
  return result;
}

async function commandThenReady(context: RunContext, step: Step, running: Running): Promise<StepResult> {
  const { signal } = running;
  // Whoever finds the record of a harness that was killed must know what may have been changed.
  if (step.run !== null) await context.recorder.flush();
  // What cannot be put on record is not begun.
  signal.throwIfAborted();
  if (step.run !== null) {
    const failed = await runCommand(context, step, step.run, running);
    if (failed !== null) return failed;
  }
  return step.ready === null ? { outcome: 'ok', detail: '' } : await gate(context, step, signal);
}

async function gate(context: RunContext, step: Step, signal: AbortSignal): Promise<StepResult> {
  const { recorder, clock, scenario } = context;
  const ready = step.ready as NonNullable<Step['ready']>;
  const checks = ready.checks.map((check) => `${check.method} ${check.path}`);
  recorder.event({
    type: 'readiness-started',
    at: clock.now(),
    checks,
    consecutive: ready.consecutive,
    withinMs: ready.withinMs,
  });
  const doing = step.run === null ? 'waiting' : 'ready';
  context.onProgress(doing);
  let lastOk: boolean | null = null;
  const opened = await awaitReady(ready, {
    endpoint: scenario.traffic.endpoints[0] as Endpoint,
    userAgent: context.userAgent,
    timeoutMs: scenario.traffic.timeoutMs,
    clock,
    signal,
    onCheck: ({ at, ok, detail, passed, of }) => {
      context.onProgress(`${doing} ${passed}/${of}`);
      // Only changes are worth a line of the journal: a gate may ask thousands of times.
      if (ok !== lastOk) recorder.event({ type: 'readiness-check', at, ok, detail });
      lastOk = ok;
    },
  });
  recorder.event({ type: 'readiness-ended', at: clock.now(), ...opened });
  if (opened.ready) return { outcome: 'ok', detail: '' };
  return {
    outcome: 'not-ready',
    detail: `${step.name} was not ready within ${ready.withinMs / 1000} s: ${opened.detail}`,
  };
}

async function hold(context: RunContext, step: Step, options: { isLast: boolean; signal: AbortSignal }): Promise<void> {
  const { recorder, clock, scenario } = context;
  const trafficOn = step.kind !== 'setup' && step.kind !== 'teardown';
  const forMs = trafficOn || step.holdMs !== null ? holdFor(step, options.isLast, scenario.traffic.timeoutMs) : 0;
  if (forMs === 0) return;
  if (step.holdUntil !== null) return await holdUntil(context, step.holdUntil, forMs, options.signal);
  context.onProgress('hold');
  recorder.event({ type: 'hold-started', at: clock.now(), forMs });
  await clock.sleep(forMs, options.signal);
}
