import type { ReleaseState } from '../model/event.js';
import { argvOf } from '../platform/command.js';
import { remoteScript } from '../platform/remote-script.js';
import type { RemoteHost } from '../platform/ssh.js';
import { checkBefore } from './before.js';
import type { RunContext } from './context.js';
import { decide, decideLateSignal } from './decide.js';
import { Halted } from './halt.js';
import { versionNow } from './preflight.js';
import { causeOf, guarded, runRelease, runRollback } from './release.js';
import { remoteEnvironment, stepEnvironment } from './run-command.js';
import { runStep } from './run-step.js';
import { runUnderTraffic } from './under-traffic.js';
import type { TeardownCommand } from './watchdog.js';

/**
 * Conducts one run: what must hold before anything is run, setup, preflight, warm-up and baseline, the release's steps
 * beside the traffic, the way back when it must be, its rehearsal when all went well, teardown always. Records
 * everything; judges nothing but whether to go on. Resolves with what became of the release. Where others make the
 * release, `release` is what is done beside the traffic instead.
 */
export async function conduct(
  context: RunContext,
  release: (context: RunContext) => Promise<ReleaseState> = runRelease,
): Promise<ReleaseState> {
  const { recorder, clock } = context;
  let state: ReleaseState = 'not-started';
  let servesNow: string | null = null;
  let begun = false;
  try {
    const unfit = await checkBefore(context);
    if (unfit !== null) decide(context, 'preflight', 'abort', unfit);
    else {
      context.watchdog.teardown(await teardownCommands(context));
      begun = true;
      if (await runSetup(context)) ({ release: state, servesNow } = await runUnderTraffic(context, release));
    }
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    decide(context, context.halt.reason?.cause ?? 'harness', 'abort', context.halt.reason?.detail ?? 'halted');
  } finally {
    context.onInterrupt = 'over';
    if (begun) await runTeardown(context);
    decideLateSignal(context);
    recorder.event({ type: 'end', at: clock.now(), release: state, faults: context.faults, servesNow });
  }
  return state;
}

/**
 * Undoes a release that another run left behind (it was killed, or cut off by CI): the rollback alone, without
 * traffic. `context.baselineVersion` comes from that run's record.
 */
export async function conductRollback(context: RunContext): Promise<ReleaseState> {
  const { recorder, clock } = context;
  decide(context, 'request', 'rollback', 'the rollback alone was asked for');
  const release: ReleaseState = (await runRollback(context, 'emergency')) ? 'rolled-back' : 'rollback-failed';
  context.onInterrupt = 'over';
  const servesNow = await versionNow(context).catch(() => null);
  recorder.event({ type: 'end', at: clock.now(), release, faults: context.faults, servesNow });
  return release;
}

/** The teardown for the watchdog, which runs it where the run cannot. */
function teardownCommands(context: RunContext): Promise<TeardownCommand[]> {
  const { scenario } = context;
  const commands = scenario.teardown.map(async (step): Promise<TeardownCommand> => {
    const { host, cwd, run } = step;
    if (host !== null) return remoteTeardown(host, run ?? 'true', cwd, remoteEnvironment(context, step));
    const argv = await argvOf(run ?? 'true');
    return { argv, cwd: cwd ?? scenario.dir, env: stepEnvironment(context, step), input: null };
  });
  return Promise.all(commands);
}

function remoteTeardown(
  host: RemoteHost,
  run: string | string[],
  cwd: string | null,
  env: Record<string, string>,
): TeardownCommand {
  const input = remoteScript({ run, cwd, env, mark: 'teardown', onLost: 'go-on' });
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { argv: host.shell, cwd: '/', env: Object.fromEntries(own), input };
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

async function runTeardown(context: RunContext): Promise<void> {
  const signal = new AbortController().signal;
  for (const step of context.scenario.teardown) {
    const result = await guarded(context, () => runStep(context, step, 'release', { isLast: false, signal }));
    if (result.outcome !== 'ok') decide(context, 'teardown', 'continue', `teardown: ${result.detail}`);
  }
}
