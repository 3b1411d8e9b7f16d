import { createHash } from 'node:crypto';
import { startTraffic, type Traffic, type TrafficMessage } from '../engine/traffic.js';
import { messageOf } from '../model/errors.js';
import type { DecisionCause, ReleaseState } from '../model/event.js';
import type { StepKind, StepRole } from '../model/phase.js';
import { rateAt } from '../model/rate.js';
import { every } from '../platform/clock.js';
import { argvOf } from '../platform/command.js';
import type { Step } from '../steps/step.js';
import type { RunContext } from './context.js';
import { Halted } from './halt.js';
import { takeMarks } from './live-marks.js';
import { watchMachine } from './machine-watch.js';
import { beginPhase } from './phase.js';
import { preflight, versionNow } from './preflight.js';
import { runProbes } from './run-probes.js';
import { runStep, type StepResult, stepEnvironment } from './run-step.js';

/** Once a step of one of these kinds has begun, users may be on the new release and a failure is rolled back. */
const MOVES_TRAFFIC: readonly StepKind[] = ['switch', 'reload', 'verify', 'custom'];

const JUDGE_EVERY_MS = 1000;
const MARKS_EVERY_MS = 50;
/** Lets samples of the last moments arrive before the baseline is judged. */
const SETTLE_MS = 700;

/**
 * Conducts one run: setup, preflight, warm-up and baseline, the release's steps beside the traffic, the way back
 * when it must be, its rehearsal when all went well, teardown always. Records everything; judges nothing but
 * whether to go on. Resolves with what became of the release.
 */
export async function conduct(context: RunContext): Promise<ReleaseState> {
  const { scenario, recorder, clock, watchdog } = context;
  const commands = scenario.teardown.map(async (step) => ({
    argv: await argvOf(step.run ?? 'true'),
    cwd: step.cwd ?? scenario.dir,
    env: stepEnvironment(context, step),
  }));
  watchdog.teardown(await Promise.all(commands));
  let release: ReleaseState = 'not-started';
  let servesNow: string | null = null;
  try {
    if (await runSetup(context)) ({ release, servesNow } = await runUnderTraffic(context));
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    decide(context, context.halt.reason?.cause ?? 'harness', 'abort', context.halt.reason?.detail ?? 'halted');
  } finally {
    await runTeardown(context);
    decideLateSignal(context);
    recorder.event({ type: 'end', at: clock.now(), release, faults: context.faults, servesNow });
  }
  return release;
}

/**
 * Undoes a release that another run left behind (it was killed, or cut off by CI): the rollback alone, without
 * traffic. `context.baselineVersion` comes from that run's record.
 */
export async function conductRollback(context: RunContext): Promise<ReleaseState> {
  const { recorder, clock } = context;
  decide(context, 'request', 'rollback', 'the rollback alone was asked for');
  const release: ReleaseState = (await runRollback(context, 'emergency')) ? 'rolled-back' : 'rollback-failed';
  const servesNow = await versionNow(context).catch(() => null);
  recorder.event({ type: 'end', at: clock.now(), release, faults: context.faults, servesNow });
  return release;
}

/** A signal that came when there was nothing left to stop (in a rollback, in the teardown) still counts. */
function decideLateSignal(context: RunContext): void {
  const { received } = context.halt;
  if (received === null || decidedBySignal.has(context)) return;
  decide(context, 'signal', 'continue', `${received} received`);
}

async function runSetup(context: RunContext): Promise<boolean> {
  for (const step of context.scenario.setup) {
    const result = await runStep(context, step, 'release', { isLast: false, signal: context.halt.signal });
    if (result.outcome === 'ok') continue;
    if (result.outcome === 'stopped') throw new Halted();
    decide(context, causeOf(result), 'abort', result.detail);
    return false;
  }
  return true;
}

async function runUnderTraffic(context: RunContext): Promise<{ release: ReleaseState; servesNow: string | null }> {
  const { scenario, halt } = context;
  const unhealthy = await preflight(context);
  if (unhealthy !== null) {
    decide(context, 'preflight', 'abort', unhealthy);
    return { release: 'not-started', servesNow: null };
  }
  const seed = scenario.traffic.seed ?? seedOfRun(context.runId);
  const traffic = await startTraffic(
    { ...scenario.traffic, seed, userAgent: context.userAgent },
    {
      originNs: context.originNs,
      onMessage: (message) => hear(context, message),
      onFault: (reason) => {
        context.faults.push(reason);
        halt.request({ cause: 'harness', detail: reason });
      },
    },
  );
  context.setMixRate = rateSetter(traffic);
  const { clock, recorder } = context;
  const { endpoints } = scenario.traffic;
  const stopWatch = watchMachine({ clock, endpoints, record: (event) => recorder.event(event) });
  let stopProbes = async (): Promise<void> => {};
  try {
    stopProbes = await runProbes(context, seed);
    const release = await runRelease(context);
    return { release, servesNow: await versionNow(context).catch(() => null) };
  } finally {
    // What was written is read back while the traffic comes to its end.
    await Promise.all([stopTraffic(context, traffic), stopProbes()]);
    await stopWatch();
  }
}

/** Puts on record what the sending thread says. */
function hear({ recorder, scenario }: RunContext, message: TrafficMessage): void {
  if (message.type === 'samples') recorder.samples(message.batch);
  else if (message.type === 'ended') recorder.event({ ...message, type: 'traffic-ended' });
  else if (message.type === 'started') {
    recorder.event({ type: 'phase', at: message.at, name: 'warmup', kind: 'warmup', role: 'release' });
    const ratePerSec = scenario.traffic.streams.reduce((sum, { rate }) => sum + rateAt(rate, 0), 0);
    recorder.event({ ...message, type: 'traffic-started', ratePerSec });
  } else recorder.event(message);
}

/** Changes the rate of the mix where it is another than before. */
function rateSetter(traffic: Traffic): (ratePerSec: number | null) => void {
  let current: number | null = null;
  return (ratePerSec) => {
    if (ratePerSec !== current) traffic.changeRate(0, ratePerSec);
    current = ratePerSec;
  };
}

/** Two runs differ in every random value; one run can be repeated with its seed. */
function seedOfRun(runId: string): number {
  return createHash('sha256').update(runId).digest().readUInt32BE(0);
}

async function stopTraffic(context: RunContext, traffic: Traffic): Promise<void> {
  const { clock, scenario } = context;
  context.onProgress('waiting for the last answers');
  const timer = new AbortController();
  const late = clock.sleep(scenario.traffic.timeoutMs + 5000, timer.signal).then(() => {
    throw new Error('the sending thread did not end');
  });
  late.catch(() => {});
  try {
    await Promise.race([traffic.stop(), late]);
  } catch (error) {
    if (!context.faults.includes(messageOf(error))) context.faults.push(messageOf(error));
  } finally {
    timer.abort();
  }
  await traffic.kill();
}

async function runRelease(context: RunContext): Promise<ReleaseState> {
  const { scenario, halt } = context;
  if (!(await runBaseline(context))) return 'not-started';
  const stopWatching = watchThresholds(context);
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
    stopMarks();
    stopWatching();
  }
}

/** Whether the baseline holds: measured before any step, so that what was broken before is not blamed on the release. */
async function runBaseline(context: RunContext): Promise<boolean> {
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
  context.baselineVersion = judge.latestVersion();
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
    }
    const result: StepResult =
      halt.reason === null
        ? await guarded(context, () => runStep(context, step, role, { isLast, signal: halt.signal, name }))
        : { outcome: 'stopped', detail: halt.reason.detail };
    if (result.outcome === 'ok') continue;
    const cause = result.outcome === 'stopped' ? (halt.reason?.cause ?? 'harness') : causeOf(result);
    const action = actionOf(context, step, cause, moved);
    decide(context, cause, action, result.detail);
    if (action === 'abort') return begun ? 'aborted' : 'not-started';
    if (action === 'rollback') return (await runRollback(context, 'emergency')) ? 'rolled-back' : 'rollback-failed';
  }
  return 'completed';
}

/** A harness that breaks in the middle of a step must still bring the release back. */
async function guarded(context: RunContext, run: () => Promise<StepResult>): Promise<StepResult> {
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

/** Never interrupted: half a rollback is worse than none. True where every step of it was done and ready. */
async function runRollback(context: RunContext, role: 'emergency' | 'rehearsal'): Promise<boolean> {
  const { rollback } = context.scenario;
  const signal = new AbortController().signal;
  for (const [index, step] of rollback.entries()) {
    const isLast = index === rollback.length - 1;
    const result = await guarded(context, () => runStep(context, step, role, { isLast, signal }));
    if (result.outcome !== 'ok') {
      decide(context, causeOf(result), 'abort', `rollback: ${result.detail}`);
      return false;
    }
  }
  return true;
}

async function runTeardown(context: RunContext): Promise<void> {
  const signal = new AbortController().signal;
  for (const step of context.scenario.teardown) {
    const result = await guarded(context, () => runStep(context, step, 'release', { isLast: false, signal }));
    if (result.outcome !== 'ok') decide(context, 'teardown', 'continue', `teardown: ${result.detail}`);
  }
}

function watchThresholds(context: RunContext): () => void {
  if (!context.scenario.thresholds.some(({ abortOnFail }) => abortOnFail)) return () => {};
  return every(JUDGE_EVERY_MS, () => {
    if (context.halt.reason !== null) return;
    const [reason] = context.judge.abortReasons();
    if (reason !== undefined) context.halt.request({ cause: 'threshold', detail: reason });
  });
}

function causeOf(result: StepResult): DecisionCause {
  return result.outcome === 'not-ready' ? 'readiness' : 'command';
}

/** Runs in which a signal was the cause of a decision. */
const decidedBySignal = new WeakSet<RunContext>();

function decide(
  context: RunContext,
  cause: DecisionCause,
  action: 'rollback' | 'abort' | 'continue',
  detail: string,
): void {
  if (cause === 'signal') decidedBySignal.add(context);
  const signal = cause === 'signal' ? context.halt.received : null;
  context.recorder.event({
    type: 'decision',
    at: context.clock.now(),
    cause,
    action,
    detail,
    ...(signal === null ? {} : { signal }),
  });
}
