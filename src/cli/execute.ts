import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ALIVE_FILE, writeAlive } from '../conductor/alive.js';
import { conduct, conductRollback } from '../conductor/conduct.js';
import type { RunContext } from '../conductor/context.js';
import { followPipeline, type Pipeline } from '../conductor/follow-pipeline.js';
import { Halt } from '../conductor/halt.js';
import { markReader } from '../conductor/marks.js';
import { type RequestCount, RequestCounts } from '../conductor/request-count.js';
import { seedOfRun } from '../conductor/seed.js';
import { type Lead, startLead } from '../conductor/shards/lead.js';
import { planDigest, RECORD_SILENCE_MS } from '../conductor/shards/protocol.js';
import { startWatchdog } from '../conductor/watchdog.js';
import { baselineNoise } from '../judge/baseline-noise.js';
import { abortReasons, baselineFailures } from '../judge/live.js';
import { messageOf, ZddError } from '../model/errors.js';
import type { ReleaseState, RunEvent } from '../model/event.js';
import type { ExitCode } from '../model/exit-codes.js';
import { type Clock, clockSince, every, monotonicNs, wallTime } from '../platform/clock.js';
import { headCommit } from '../platform/git.js';
import { type Lock, takeLock } from '../platform/lock.js';
import { createFold } from '../record/fold/fold.js';
import { mergeRecords } from '../record/merge.js';
import { Recorder } from '../record/recorder.js';
import { createRedactor, redactStrings } from '../scenario/redact.js';
import type { Scenario } from '../scenario/scenario.js';
import { checkShards } from '../scenario/traffic.js';
import type { Endpoint } from '../wire/endpoint.js';
import { usualDurationMs } from './base-runs.js';
import { conclude } from './conclude.js';
import { withinDescriptors } from './descriptors.js';
import { Live } from './live.js';
import { type LivePage, startLivePage } from './live-page/live-page.js';
import { toolVersion } from './package-info.js';
import { headerOf } from './run-header.js';
import { handleSignals } from './signals.js';
import { type Style, styleOf } from './terminal/style.js';
import { createTerminal } from './terminal/terminal.js';
import { plainText } from './terminal/text.js';

export interface ExecuteOptions {
  /** Folder the run directory is made in. */
  out: string;
  json: boolean;
  quiet: boolean;
  /** Directories of earlier runs that this one is compared with. */
  base?: readonly string[] | undefined;
  /** Only undo what the run in `dir` left behind; the version it found in its baseline. */
  undo?: { dir: string; baselineVersion: string | null };
  /** Serve the growing report on this port of loopback (0: any that is free); told the address once it can be opened. */
  ui?: { port: number; onServing(url: string): void } | undefined;
  /** Others send most of the traffic; this process conducts the release, and sends shard 1. */
  shards?: ShardsToLead | undefined;
  /** Others make the release, in the run directory of this id. */
  pipeline?: { runId: string; host: Pipeline };
}

export interface Executed {
  exitCode: ExitCode;
  dir: string;
}

/** A run that was conducted here. */
export interface Conducted extends Executed {
  /** The first signal that has come by now, also once the release was over. */
  received(): Halt['received'];
}

/** Where the other shards of a run join, and who may. */
export interface ShardsToLead {
  of: number;
  host: string;
  port: number;
  token: string;
  joinWithinMs: number;
}

const DRAW_EVERY_MS = 250;

/** Runs a scenario from lock to report: the composition root of a run. */
export async function execute(scenario: Scenario, options: ExecuteOptions): Promise<Conducted> {
  // The way back alone sends no traffic.
  if (options.undo === undefined) checkShards(scenario, options.shards?.of ?? 1);
  const release = lockTargets(scenario.traffic.endpoints);
  try {
    return await executeLocked(scenario, options);
  } finally {
    release();
  }
}

/** One run at a time on each service: two would judge each other. */
function lockTargets(endpoints: readonly Endpoint[]): () => void {
  const places = [
    ...new Set(
      endpoints.map(({ origin, address, socketPath }) => socketPath ?? [origin, address ?? ''].join(' ').trim()),
    ),
  ];
  const locks: Lock[] = [];
  const release = (): void => {
    for (const lock of locks) lock.release();
  };
  for (const place of places.sort()) {
    const lock = takeLock(place);
    if (!('heldBy' in lock)) {
      locks.push(lock);
      continue;
    }
    release();
    throw new ZddError('TARGET_LOCKED', `process ${lock.heldBy} is already driving traffic at ${place}`, {
      hint: 'wait for it to end; two runs on one target would judge each other',
    });
  }
  return release;
}

async function executeLocked(declared: Scenario, options: ExecuteOptions): Promise<Conducted> {
  const { shards } = options;
  const scenario = await withCommit(await withinDescriptors(declared, { number: 1, of: shards?.of ?? 1 }));
  const startedAt = wallTime();
  const originNs = monotonicNs();
  const clock = clockSince(originNs);
  const runId = options.pipeline?.runId ?? newRunId(startedAt);
  const dir = resolve(options.out, shards === undefined ? runId : `${runId}-shard-1`);
  const redact = createRedactor(scenario.secrets);
  // Nothing below sees more than the record does: what is shown live is what will be read back.
  const share = shards === undefined ? {} : { shard: { number: 1, of: shards.of } };
  const header = redactStrings(headerOf(scenario, { runId, startedAt, originNs, ...share }), redact);
  const fold = createFold(header);
  const isUsual = options.pipeline === undefined && options.undo === undefined;
  const live = new Live(header, isUsual ? usualDurationMs(options.out, scenario.name) : null);
  const halt = new Halt();
  let latestVersion: string | null = null;
  const counts = new RequestCounts();
  const faults: string[] = [];
  const fault = (reason: string): void => {
    if (!faults.includes(reason)) faults.push(reason);
    halt.request({ cause: 'harness', detail: reason });
  };
  const lead = shards === undefined ? null : await leadOf(scenario, shards, { runId, startedAt, clock, dir });
  const terminal = createTerminal({ stream: process.stderr, data: process.stdout, env: process.env, ...options });
  const lastWords = lastWordsOf(styleOf(process.stderr, process.env));
  const recorder = await Recorder.create(dir, {
    redact: scenario.secrets.length === 0 ? (value) => value : (value) => redactStrings(value, redact),
    onFault: fault,
    listener: {
      event: (event) => {
        if (event.type === 'header') return;
        fold.event(event);
        live.event(event);
        terminal.event(event);
        for (const line of lastWords(event)) terminal.line(line);
      },
      sample: (sample) => {
        latestVersion = sample.version ?? latestVersion;
        fold.sample(sample);
        live.sample(sample);
        counts.sample(sample);
      },
    },
  });
  recorder.event(header);
  const watchdog = startWatchdog();
  await writeAlive(dir, watchdog.process).catch((error) => fault(messageOf(error)));
  const context: RunContext = {
    scenario,
    dir,
    runId,
    originNs,
    clock,
    recorder,
    watchdog,
    halt,
    faults,
    judge: {
      baselineFailures: () => baselineFailures(fold.snapshot()),
      baselineNoise: () => baselineNoise(fold.snapshot()),
      abortReasons: () => abortReasons(fold.snapshot()),
      latestVersion: () => latestVersion,
    },
    userAgent: `zdd-verify/${toolVersion()} (run ${runId})`,
    environment: commandEnvironment(process.env),
    role: 'release',
    onStep: null,
    commandRuns: false,
    rollbackLeft: null,
    phaseAt: 0,
    onInterrupt: 'nothing-begun',
    marked: null,
    baselineVersion: options.undo?.baselineVersion ?? null,
    // A release and its way back go on without their marks.
    readMarks: markReader(dir, (reason) => faults.push(reason)),
    redact,
    setMixRate: () => {},
    lead,
    countRequests: (share) => timesShards(counts.begin(share), shards?.of ?? 1),
    tellPhase: () => {},
    onProgress: (activity) => {
      live.activity = activity;
    },
  };
  const stopSignals = handleSignals(context, terminal, { pipeline: options.pipeline?.host, undo: options.undo?.dir });
  const stopCatching = catchAll((error) => fault(`zdd-verify failed: ${messageOf(error)}`));
  const page =
    options.ui === undefined
      ? null
      : await serveLivePage(dir, options.ui, (text) => {
          if (options.quiet) process.stderr.write(`${text}\n`);
          else terminal.line(text);
        });
  const stopDrawing = every(DRAW_EVERY_MS, () => {
    const view = live.view(clock.now());
    terminal.update(view);
    page?.update(redactStrings(view, redact));
  });
  const stopLimit = limitDuration(context, clock, options.pipeline === undefined ? 'max-duration' : 'request');
  try {
    const release = await conductorFor(options)(context).catch((error) => {
      fault(messageOf(error));
      return null;
    });
    const others = lead === null ? [] : await recordsOf(lead, context);
    await recorder.close();
    rmSync(join(dir, ALIVE_FILE), { force: true });
    watchdog.teardown([]);
    stopDrawing();
    const whole = lead === null ? dir : await joinRecords(lead, [dir, ...others], options.out, fault);
    const whom = { terminal, json: options.json, base: options.base };
    const exitCode = await conclude({ ...context, dir: whole }, release, whom);
    return { dir: whole, exitCode, received: () => halt.received };
  } finally {
    watchdog.done();
    await lead?.close('the run is over');
    await page?.finish();
    stopLimit();
    stopDrawing();
    stopCatching();
    stopSignals();
    terminal.close();
  }
}

function leadOf(
  scenario: Scenario,
  shards: ShardsToLead,
  run: { runId: string; startedAt: Date; clock: Clock; dir: string },
): Promise<Lead> {
  const { seed, threads, timeoutMs } = scenario.traffic;
  return startLead({
    ...shards,
    ...run,
    digest: planDigest(scenario, toolVersion()),
    threads,
    seed: seed ?? seedOfRun(run.runId),
    // Its last request may have been sent when the last one here had its answer.
    recordWithinMs: timeoutMs + RECORD_SILENCE_MS,
    recordOf: (number) => join(run.dir, 'shards', String(number)),
  });
}

/** The records of the other shards. A signal that comes while they are waited for ends the waiting. */
function recordsOf(lead: Lead, { halt, onProgress }: RunContext): Promise<string[]> {
  const before = halt.received;
  return lead.finished(
    () => halt.received !== before,
    (left) => onProgress(`the records of ${left} shards`),
  );
}

/** Requests of all shards, as far as this one can tell: its own, as many times as there are shards. */
function timesShards(own: RequestCount, of: number): RequestCount {
  return { ...own, count: () => own.count() * of };
}

/** The run directory of all shards together; that of this one where there cannot be one. */
async function joinRecords(
  lead: Lead,
  dirs: readonly string[],
  out: string,
  fault: (reason: string) => void,
): Promise<string> {
  try {
    return await mergeRecords(dirs, (runId) => resolve(out, runId), lead.problems());
  } catch (error) {
    fault(`the records of the shards cannot be joined: ${messageOf(error)}`);
    return dirs[0] as string;
  }
}

/** A page that cannot be served is said and missed: the run does not need it. */
async function serveLivePage(
  dir: string,
  { port, onServing }: NonNullable<ExecuteOptions['ui']>,
  say: (text: string) => void,
): Promise<LivePage | null> {
  try {
    const page = await startLivePage(dir, port);
    say(`live page  ${page.url}`);
    onServing(page.url);
    return page;
  } catch (error) {
    say(`there is no live page: ${plainText(messageOf(error))}`);
    return null;
  }
}

/** A name for a run directory: sorted as text, runs are in the order of their start. */
export function newRunId(startedAt: Date): string {
  const time = startedAt.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  return `${time}-${randomBytes(3).toString('hex')}`;
}

function conductorFor({ undo, pipeline }: ExecuteOptions): (context: RunContext) => Promise<ReleaseState> {
  if (undo !== undefined) return conductRollback;
  if (pipeline === undefined) return conduct;
  return (context) => conduct(context, () => followPipeline(context, pipeline.host));
}

const LAST_WORDS = 12;

/** The last lines a step wrote, where it failed: most often they say why. */
function lastWordsOf(style: Style): (event: RunEvent) => string[] {
  let lines: string[] = [];
  return (event) => {
    if (event.type === 'phase') lines = [];
    if (event.type === 'output') lines = [...lines.slice(1 - LAST_WORDS), event.line];
    const failed = event.type === 'step-ended' && event.outcome !== 'ok' && event.outcome !== 'stopped';
    return failed ? lines.map((line) => style.dim(`         | ${plainText(line)}`)) : [];
  };
}

/** Which commit is released, where the scenario does not say: the one its repository is at. */
async function withCommit(scenario: Scenario): Promise<Scenario> {
  if (scenario.release.git !== null) return scenario;
  const git = await headCommit(scenario.dir);
  return { ...scenario, release: { ...scenario.release, git, gitFrom: git === null ? null : 'repository' } };
}

/** Whatever is thrown outside of the sequence (a timer, a message) halts the release instead of ending the process. */
function catchAll(onError: (error: unknown) => void): () => void {
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return () => {
    process.off('uncaughtException', onError);
    process.off('unhandledRejection', onError);
  };
}

/** What commands inherit: the harness' own environment, with `zdd-verify` itself to be found last on PATH. */
function commandEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const bin = fileURLToPath(new URL('../bin', import.meta.url));
  return { ...own, PATH: own.PATH === undefined ? bin : `${own.PATH}:${bin}` };
}

/** A release of others is not undone where its time is over: it ends as on request, and proves nothing. */
function limitDuration(context: RunContext, clock: Clock, cause: 'max-duration' | 'request'): () => void {
  return every(1000, () => {
    const { maxDurationMs } = context.scenario;
    if (clock.now() < maxDurationMs) return;
    context.halt.request({
      cause,
      detail: `the run took longer than maxDuration, ${maxDurationMs / 1000} s`,
    });
  });
}
