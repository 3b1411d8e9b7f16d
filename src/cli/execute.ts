import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conduct, conductRollback } from '../conductor/conduct.js';
import type { RunContext } from '../conductor/context.js';
import { Halt } from '../conductor/halt.js';
import { ALIVE_FILE, markReader } from '../conductor/marks.js';
import { startWatchdog } from '../conductor/watchdog.js';
import { abortReasons, baselineFailures } from '../judge/live.js';
import { messageOf, ZddError } from '../model/errors.js';
import type { ReleaseState, RunEvent, RunHeader } from '../model/event.js';
import { EXIT, EXIT_MEANING, type ExitCode, strongestExitCode } from '../model/exit-codes.js';
import type { Threshold } from '../model/threshold.js';
import { type Clock, clockSince, every, monotonicNs, wallTime } from '../platform/clock.js';
import { writeAtomically } from '../platform/files.js';
import { takeLock } from '../platform/lock.js';
import { openFilesLimit } from '../platform/machine.js';
import { readStat } from '../platform/process-group.js';
import { createFold } from '../record/fold/fold.js';
import { Recorder } from '../record/recorder.js';
import { githubAnnotations } from '../report/annotations.js';
import { renderMarkdown } from '../report/markdown.js';
import { summaryLines } from '../report/terminal.js';
import { createRedactor, redactStrings } from '../scenario/redact.js';
import type { Scenario } from '../scenario/scenario.js';
import { describeEnvironment } from './environment.js';
import { Live } from './live.js';
import { toolVersion } from './package-info.js';
import { addToJobSummary, judgeRecord, type Results, writeOutputs } from './results.js';
import { type Style, styleOf } from './terminal/style.js';
import { createTerminal, type Terminal } from './terminal/terminal.js';
import { plainText } from './terminal/text.js';

export interface ExecuteOptions {
  /** Folder the run directory is made in. */
  out: string;
  json: boolean;
  quiet: boolean;
  /** Only undo what another run left behind; the version it found in its baseline. */
  undo?: { baselineVersion: string | null };
}

export interface Executed {
  exitCode: ExitCode;
  dir: string;
}

const DRAW_EVERY_MS = 250;

/** Runs a scenario from lock to report: the composition root of a run. */
export async function execute(scenario: Scenario, options: ExecuteOptions): Promise<Executed> {
  const lock = takeLock(scenario.traffic.origin);
  if ('heldBy' in lock) {
    throw new ZddError(
      'TARGET_LOCKED',
      `process ${lock.heldBy} is already driving traffic at ${scenario.traffic.origin}`,
      {
        hint: 'wait for it to end; two runs on one target would judge each other',
      },
    );
  }
  try {
    return await executeLocked(scenario, options);
  } finally {
    lock.release();
  }
}

async function executeLocked(declared: Scenario, options: ExecuteOptions): Promise<Executed> {
  const scenario = await withinDescriptors(declared);
  const startedAt = wallTime();
  const originNs = monotonicNs();
  const clock = clockSince(originNs);
  const runId = `${startedAt.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${randomBytes(3).toString('hex')}`;
  const dir = resolve(options.out, runId);
  const redact = createRedactor(scenario.secrets);
  // Nothing below sees more than the record does: what is shown live is what will be read back.
  const header = redactStrings(headerOf(scenario, { runId, startedAt, originNs }), redact);
  const fold = createFold(header);
  const live = new Live(header);
  const halt = new Halt();
  let latestVersion: string | null = null;
  const faults: string[] = [];
  const fault = (reason: string): void => {
    if (!faults.includes(reason)) faults.push(reason);
    halt.request({ cause: 'harness', detail: reason });
  };
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
      },
    },
  });
  recorder.event(header);
  const self = { pid: process.pid, startTicks: readStat(process.pid)?.startTicks ?? null };
  await writeAtomically(join(dir, ALIVE_FILE), JSON.stringify(self)).catch((error) => fault(messageOf(error)));
  const watchdog = startWatchdog();
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
      abortReasons: () => abortReasons(fold.snapshot()),
      latestVersion: () => latestVersion,
    },
    userAgent: `zdd-verify/${toolVersion()} (run ${runId})`,
    environment: commandEnvironment(process.env),
    role: 'release',
    onStep: null,
    baselineVersion: options.undo?.baselineVersion ?? null,
    readMarks: markReader(dir),
    redact,
    onProgress: (activity) => {
      live.activity = activity;
    },
  };
  const stopSignals = handleSignals(context, terminal);
  const stopCatching = catchAll((error) => fault(`zdd-verify failed: ${messageOf(error)}`));
  const stopDrawing = every(DRAW_EVERY_MS, () => terminal.update(live.view(clock.now())));
  const stopLimit = limitDuration(context, clock);
  try {
    const release = await (options.undo === undefined ? conduct : conductRollback)(context).catch((error) => {
      fault(messageOf(error));
      return null;
    });
    await recorder.close();
    rmSync(join(dir, ALIVE_FILE), { force: true });
    watchdog.done();
    stopDrawing();
    return { dir, exitCode: await conclude(context, release, { terminal, options }) };
  } finally {
    stopLimit();
    stopDrawing();
    stopCatching();
    stopSignals();
    terminal.close();
  }
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

/** Descriptors that are left to the harness itself: files, the screen, the commands of a rollback. */
const OWN_DESCRIPTORS = 64;

/** The cap on requests in flight where the system allows fewer open sockets than the scenario's. */
async function withinDescriptors(scenario: Scenario): Promise<Scenario> {
  const limit = await openFilesLimit();
  if (limit === null) return scenario;
  const room = Math.max(1, limit - OWN_DESCRIPTORS - scenario.traffic.pool);
  const maxInFlight = Math.min(scenario.traffic.maxInFlight, room);
  return { ...scenario, traffic: { ...scenario.traffic, maxInFlight } };
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

/** Judges the record as it stands on disk, writes every output, and says how it ended. */
async function conclude(
  { dir, faults, scenario, redact }: RunContext,
  release: ReleaseState | null,
  { terminal, options }: { terminal: Terminal; options: ExecuteOptions },
): Promise<ExitCode> {
  const problems = [...faults];
  const note = (error: unknown): null => {
    problems.push(messageOf(error));
    return null;
  };
  const results: Results | null = await judgeRecord(dir).catch(note);
  const written = results === null ? null : await writeOutputs(dir, results).catch(note);
  if (results !== null) {
    await addToJobSummary(renderMarkdown(results.run, results.judgement), process.env).catch(note);
  }
  problems.push(...(written?.faults ?? []));
  // A harness that failed never ends in a pass, and what became of the release is known even without a record.
  const codes: ExitCode[] = [written?.exitCode ?? EXIT.FAULT];
  if (problems.length > 0) codes.push(EXIT.FAULT);
  if (release === 'rollback-failed') codes.push(EXIT.ROLLBACK_FAILED);
  const exitCode = strongestExitCode(codes);
  const style = styleOf(process.stderr, process.env);
  const unrecorded = release !== null && results?.judgement.release !== release;
  terminal.finish([
    ...(results === null
      ? []
      : summaryLines(results.run, results.judgement, { color: style.enabled, width: process.stderr.columns ?? 100 })),
    ...[...new Set(problems)].map((problem) => style.red(`zdd-verify itself: ${plainText(redact(problem))}`)),
    ...(unrecorded ? [style.red(`The release is ${release}, which could not be recorded.`)] : []),
    ...(unrecorded && exitCode === EXIT.ROLLBACK_FAILED && scenario.runbook !== null
      ? [style.red(`Runbook: ${plainText(redact(scenario.runbook))}`)]
      : []),
    ...(exitCode === results?.judgement.exitCode ? [] : [style.red(`Exit ${exitCode}: ${EXIT_MEANING[exitCode]}`)]),
    ...(written?.warnings ?? []),
    `report  ${join(dir, 'report.html')}`,
  ]);
  if (results !== null && process.env.GITHUB_ACTIONS === 'true') {
    for (const annotation of githubAnnotations(results.judgement)) process.stderr.write(`${annotation}\n`);
  }
  const { verdict = 'inconclusive', gate = 'inconclusive' } = results?.judgement ?? {};
  const finished = { type: 'finished', dir, verdict, release: release ?? results?.judgement.release, gate, exitCode };
  process.stdout.write(options.json ? `${JSON.stringify(finished)}\n` : `${dir}\n`);
  return exitCode;
}

function headerOf(scenario: Scenario, run: { runId: string; startedAt: Date; originNs: bigint }): RunHeader {
  const { traffic } = scenario;
  return {
    type: 'header',
    schema: 'zdd-verify/journal/v1',
    runId: run.runId,
    tool: { version: toolVersion() },
    startedAt: run.startedAt.toISOString(),
    originNs: String(run.originNs),
    scenario: { name: scenario.name, sha256: scenario.sha256, file: scenario.file, runbook: scenario.runbook },
    target: { url: scenario.target.url, timeoutMs: traffic.timeoutMs },
    version: scenario.version,
    traffic: {
      ratePerSec: traffic.ratePerSec,
      flows: traffic.flows.map(({ name, method, path, weight }) => ({ name, method, path, weight })),
      keepaliveShare: traffic.keepaliveShare,
      pool: traffic.pool,
      client: traffic.client,
      maxInFlight: traffic.maxInFlight,
    },
    steps: scenario.steps.map(({ name, kind }) => ({ name, kind })),
    rollback: scenario.rollback.map(({ name }) => ({ name })),
    rehearsal: scenario.rehearsal,
    thresholds: scenario.thresholds.map(withRelativeSource),
    environment: describeEnvironment(process.env),
    effective: scenario.effective,
  };
}

/** Annotations are shown beside the lines of a checkout: a path below the current folder is written from there. */
function withRelativeSource(threshold: Threshold): Threshold {
  if (threshold.source === null) return threshold;
  const file = relative(process.cwd(), threshold.source.file);
  return file.startsWith('..') ? threshold : { ...threshold, source: { ...threshold.source, file } };
}

/** What commands inherit: the harness' own environment, with `zdd-verify` itself to be found last on PATH. */
function commandEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const bin = fileURLToPath(new URL('../bin', import.meta.url));
  return { ...own, PATH: own.PATH === undefined ? bin : `${own.PATH}:${bin}` };
}

/** First signal: stop, roll back, report. A second SIGINT leaves at once; the watchdog ends what is left. */
function handleSignals(context: RunContext, terminal: Terminal): () => void {
  let interrupted = false;
  const on = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void => {
    if (signal === 'SIGINT' && interrupted) {
      terminal.close();
      const { scenario, dir, redact, role } = context;
      const doing =
        role === 'emergency'
          ? 'its rollback goes on alone'
          : `it was left in the middle (${context.onStep ?? 'before the first step'})`;
      const lines = [`left at once: ${scenario.name}: ${doing}; the record is in ${dir}`];
      if (scenario.runbook !== null) lines.push(`runbook: ${scenario.runbook}`);
      process.stderr.write(`${lines.map((line) => plainText(redact(line))).join('\n')}\n`);
      process.exit(EXIT.SIGINT);
    }
    if (signal === 'SIGINT') interrupted = true;
    terminal.line(
      `${signal}: stopping the step, rolling back if the switch had begun, then the report${signal === 'SIGINT' ? ' (again to leave at once)' : ''}`,
    );
    context.halt.request({ cause: 'signal', detail: `${signal} received`, signal });
  };
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => ({ signal, handler: () => on(signal) }));
  for (const { signal, handler } of handlers) process.on(signal, handler);
  return () => {
    for (const { signal, handler } of handlers) process.off(signal, handler);
  };
}

function limitDuration(context: RunContext, clock: Clock): () => void {
  return every(1000, () => {
    const { maxDurationMs } = context.scenario;
    if (clock.now() < maxDurationMs) return;
    context.halt.request({
      cause: 'max-duration',
      detail: `the run took longer than maxDuration, ${maxDurationMs / 1000} s`,
    });
  });
}
