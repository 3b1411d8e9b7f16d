import { isAbsolute, resolve } from 'node:path';
import type { StepOutcome, StepRole } from '../model/phase.js';
import { formatCount } from '../model/units.js';
import { type Command, type CommandEnd, startCommand } from '../platform/command.js';
import { withBaselineVersion } from '../scenario/baseline-version.js';
import { holdFor } from '../steps/hold.js';
import { awaitReady } from '../steps/readiness.js';
import type { Step } from '../steps/step.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { RunContext } from './context.js';
import { Halted } from './halt.js';
import { takeMarks } from './live-marks.js';
import { beginPhase } from './phase.js';

export interface StepResult {
  outcome: StepOutcome;
  detail: string;
}

/** Lines of one step's output that go into the journal; all of them, up to its own bound, go into its log. */
const JOURNAL_LINES = 2000;
const LOG_CHARS = 16 * 1024 * 1024;
const STUCK_MS = 10_000;

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
  const { recorder, clock } = context;
  const step = withBaselineVersion(declared, context.baselineVersion ?? '');
  const name = options.name ?? step.name;
  context.role = role;
  context.onStep = name;
  beginPhase(context, { at: clock.now(), name, kind: step.kind, role });
  context.setMixRate(step.ratePerSec);
  let result: StepResult;
  try {
    result = await commandThenReady(context, step, { name, role, signal: options.signal });
    // A step that may fail is followed by its hold all the same: users are on whatever it left.
    if (result.outcome === 'ok' || step.onFail === 'continue') await hold(context, step, options);
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    result = { outcome: 'stopped', detail: context.halt.reason?.detail ?? 'stopped' };
  }
  recorder.event({ type: 'step-ended', at: clock.now(), name, ...result });
  return result;
}

interface Running {
  name: string;
  role: StepRole;
  signal: AbortSignal;
}

async function commandThenReady(context: RunContext, step: Step, running: Running): Promise<StepResult> {
  const { signal } = running;
  signal.throwIfAborted();
  if (step.run !== null) {
    const failed = await runCommand(context, step, step.run, running);
    if (failed !== null) return failed;
  }
  return step.ready === null ? { outcome: 'ok', detail: '' } : await gate(context, step, signal);
}

async function runCommand(
  context: RunContext,
  step: Step,
  run: string | string[],
  { name, role, signal }: Running,
): Promise<StepResult | null> {
  const undoing = role === 'emergency' || role === 'rehearsal';
  const { recorder, clock, scenario, watchdog } = context;
  context.onProgress('command');
  const log = await recorder.stepLog(name);
  let lines = 0;
  let chars = 0;
  const startedAt = clock.now();
  const command = await startCommand({
    run,
    cwd: step.cwd === null ? scenario.dir : isAbsolute(step.cwd) ? step.cwd : resolve(scenario.dir, step.cwd),
    env: stepEnvironment(context, step),
    now: () => clock.now(),
    clean: context.redact,
    onLine: ({ at, text }) => {
      lines += 1;
      chars += text.length;
      if (chars <= LOG_CHARS) log.line(at, text);
      if (lines <= JOURNAL_LINES) recorder.event({ type: 'output', at, step: name, line: text });
    },
  });
  if (command.pid !== null) watchdog.watch(command.pid, undoing ? 'wait' : 'end');
  const text = typeof run === 'string' ? run : run.join(' ');
  recorder.event({ type: 'command-started', at: startedAt, command: text, pid: command.pid ?? 0 });

  const first = await waitFor(command, context, step.timeoutMs, signal);
  const end = await endOf(command, context, name);
  if (command.pid !== null) watchdog.forget(command.pid);
  const { droppedBytes } = await command.close();
  await log.close();
  takeMarks(context);
  recorder.event({
    type: 'command-ended',
    at: clock.now(),
    exitCode: end.exitCode,
    signal: end.signal,
    timedOut: first === 'timeout',
  });
  if (!command.captured) {
    recorder.event({ type: 'note', at: clock.now(), text: `the output of ${name} could not be kept` });
  }
  if (droppedBytes > 0 || chars > LOG_CHARS || lines > JOURNAL_LINES) {
    const dropped =
      droppedBytes === 0 ? '' : `, and at least ${formatCount(droppedBytes)} bytes faster than they could be read`;
    const kept = formatCount(Math.min(chars, LOG_CHARS));
    const text = `${name} wrote ${formatCount(lines)} lines${dropped}; its log keeps the first ${kept} characters`;
    recorder.event({ type: 'note', at: clock.now(), text });
  }
  if (first === 'halted') throw new Halted();
  if (end.startError !== null) return { outcome: 'failed', detail: `${name}: ${end.startError}` };
  if (first === 'timeout')
    return {
      outcome: 'timeout',
      detail: `${name} was not done after ${step.timeoutMs / 1000} s; its process group was ended`,
    };
  if (end.exitCode === 0) return null;
  const how =
    end.exitCode === null
      ? `was ended by ${end.signal ?? 'a signal'}`
      : `exited with ${end.exitCode}${hintOf(end.exitCode)}`;
  return { outcome: 'failed', detail: `${name} ${how}` };
}

type First = 'ended' | 'timeout' | 'halted';

/** What comes first; where it is not the command's own end, its whole process group is ended. */
async function waitFor(
  command: Command,
  { clock }: RunContext,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<First> {
  const timer = new AbortController();
  const timedOut = clock.sleep(timeoutMs, timer.signal).then(
    () => 'timeout' as const,
    () => 'ended' as const,
  );
  const halted = new Promise<'halted'>((resolve) => {
    if (signal.aborted) resolve('halted');
    signal.addEventListener('abort', () => resolve('halted'), { once: true, signal: timer.signal });
  });
  try {
    const first = await Promise.race([command.ended.then(() => 'ended' as const), timedOut, halted]);
    if (first !== 'ended') await command.stop();
    return first;
  } catch (error) {
    await command.stop();
    throw error;
  } finally {
    timer.abort();
  }
}

/** How the command ended; a process that even SIGKILL does not end (stuck in the kernel) is not waited for. */
async function endOf(command: Command, context: RunContext, name: string): Promise<CommandEnd> {
  const timer = new AbortController();
  const stuck = context.clock.sleep(STUCK_MS, timer.signal).then(
    () => {
      context.faults.push(`the command of ${name} does not end, not even by SIGKILL`);
      return { exitCode: null, signal: null, startError: null };
    },
    () => command.ended,
  );
  try {
    return await Promise.race([command.ended, stuck]);
  } finally {
    timer.abort();
  }
}

function hintOf(exitCode: number): string {
  if (exitCode === 127) return ' (command not found)';
  if (exitCode === 126) return ' (not executable)';
  return '';
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
  context.onProgress('ready');
  let lastOk: boolean | null = null;
  const opened = await awaitReady(ready, {
    endpoint: scenario.traffic.endpoints[0] as Endpoint,
    userAgent: context.userAgent,
    timeoutMs: scenario.traffic.timeoutMs,
    clock,
    signal,
    onCheck: ({ at, ok, detail, passed, of }) => {
      context.onProgress(`ready ${passed}/${of}`);
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
  context.onProgress('hold');
  recorder.event({ type: 'hold-started', at: clock.now(), forMs });
  await clock.sleep(forMs, options.signal);
}

/** The environment of a step's command: the harness' own, the scenario's vars, the step's, and the run's names. */
export function stepEnvironment(context: RunContext, step: Step): Record<string, string> {
  return {
    ...context.environment,
    ...context.scenario.vars,
    ...step.env,
    ZDD_RUN: context.dir,
    ...(context.baselineVersion === null ? {} : { ZDD_BASELINE_VERSION: context.baselineVersion }),
  };
}
