import { isAbsolute, resolve } from 'node:path';
import type { StepOutcome, StepRole } from '../model/phase.js';
import { formatCount } from '../model/units.js';
import type { Line } from '../platform/capture.js';
import { type Command, type CommandOptions, startCommand } from '../platform/command.js';
import { startRemoteCommand } from '../platform/remote-command.js';
import type { RemoteHost } from '../platform/ssh.js';
import { attend, endOf, endText } from '../steps/attend.js';
import type { Step } from '../steps/step.js';
import type { RunContext } from './context.js';
import { Halted } from './halt.js';
import { takeMarks } from './live-marks.js';

/** Lines of one step's output that go into the journal; all of them, up to its own bound, go into its log. */
const JOURNAL_LINES = 2000;
const LOG_CHARS = 16 * 1024 * 1024;

export interface StepResult {
  outcome: StepOutcome;
  detail: string;
}

export interface Running {
  name: string;
  role: StepRole;
  signal: AbortSignal;
}

/** Runs a step's command to its end; null where it did its part. Throws Halted where it was stopped. */
export async function runCommand(
  context: RunContext,
  step: Step,
  run: string | string[],
  { name, role, signal }: Running,
): Promise<StepResult | null> {
  const undoing = role === 'emergency' || role === 'rehearsal';
  const { recorder, clock, watchdog } = context;
  context.onProgress('command');
  const log = await recorder.stepLog(name);
  let lines = 0;
  let chars = 0;
  const startedAt = clock.now();
  const common = {
    run,
    now: () => clock.now(),
    clean: context.redact,
    onLine: ({ at, text }: Line) => {
      lines += 1;
      chars += text.length;
      if (chars <= LOG_CHARS) log.line(at, text);
      if (lines <= JOURNAL_LINES) recorder.event({ type: 'output', at, step: name, line: text });
    },
  };
  const command = await (step.host === null
    ? startHere(context, step, common)
    : startThere(context, step, step.host, common, undoing));
  if (command.pid !== null) watchdog.watch(command.pid, undoing ? 'wait' : 'end');
  context.commandRuns = command.pid !== null;
  if (undoing) context.rollbackLeft = context.rollbackLeft?.slice(1) ?? null;
  const text = typeof run === 'string' ? run : run.join(' ');
  const on = step.host === null ? {} : { on: step.host.name };
  recorder.event({ type: 'command-started', at: startedAt, command: text, pid: command.pid ?? 0, ...on });

  const first = await attend(command, { clock, timeoutMs: step.timeoutMs, signal });
  const onStuck = () => context.faults.push(`the command of ${name} does not end, not even by SIGKILL`);
  const end = await endOf(command, { clock, host: step.host, onStuck });
  context.commandRuns = false;
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
  const where = step.host === null ? '' : ` on ${step.host.name}`;
  const lost = typeof end.lost === 'string' ? `the connection to ${step.host?.name} was lost: ${end.lost}` : null;
  if (lost !== null) recorder.event({ type: 'note', at: clock.now(), text: `${name}: ${lost}` });
  if (first === 'halted') throw new Halted();
  if (end.startError !== null) return { outcome: 'failed', detail: `${name}: ${end.startError}` };
  if (first === 'timeout')
    return {
      outcome: 'timeout',
      detail: `${name} was not done after ${step.timeoutMs / 1000} s; ${lost ?? `its process group${where} was ended`}`,
    };
  if (lost !== null) return { outcome: 'failed', detail: `${name}: ${lost}` };
  const how = endText(end);
  return how === null ? null : { outcome: 'failed', detail: `${name}${where} ${how}` };
}

type Common = Pick<CommandOptions, 'run' | 'now' | 'clean' | 'onLine'>;

function startHere(context: RunContext, step: Step, common: Common): Promise<Command> {
  const { dir } = context.scenario;
  const cwd = step.cwd === null ? dir : isAbsolute(step.cwd) ? step.cwd : resolve(dir, step.cwd);
  return startCommand({ ...common, cwd, env: stepEnvironment(context, step) });
}

/** A way back goes on where the connection is lost: half of it is worse than none. */
async function startThere(
  context: RunContext,
  step: Step,
  host: RemoteHost,
  common: Common,
  undoing: boolean,
): Promise<Command> {
  const command = await startRemoteCommand({
    ...common,
    host,
    cwd: step.cwd,
    env: remoteEnvironment(context, step),
    onLost: undoing ? 'go-on' : 'end',
    onRunning: (ending) => {
      if (command.pid !== null && !undoing) context.watchdog.watch(command.pid, 'end', ending);
    },
  });
  return command;
}

/** The environment of a step's command: the harness' own, the scenario's vars, the step's, and the run's names. */
export function stepEnvironment(context: RunContext, step: Step): Record<string, string> {
  return { ...context.environment, ...remoteEnvironment(context, step) };
}

/** The same on a host, beside what its login finds: the harness' own environment stays here. */
export function remoteEnvironment(context: RunContext, step: Step): Record<string, string> {
  return {
    ...context.scenario.vars,
    ...step.env,
    ZDD_RUN: context.dir,
    ...(context.baselineVersion === null ? {} : { ZDD_BASELINE_VERSION: context.baselineVersion }),
  };
}
