import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Pipeline } from '../conductor/follow-pipeline.js';
import { writeEnded, writeStarted } from '../conductor/started-run.js';
import { messageOf, ZddError } from '../model/errors.js';
import { EXIT, type ExitCode } from '../model/exit-codes.js';
import { formatMs } from '../model/units.js';
import { wallTime } from '../platform/clock.js';
import { JOURNAL_FILE } from '../record/recorder.js';
import { createRedactor } from '../scenario/redact.js';
import type { Scenario } from '../scenario/scenario.js';
import { earlierRuns } from './base-runs.js';
import { DEFAULT_OUT, forgetOver, isOver, pointTo } from './current-run.js';
import { execute, newRunId } from './execute.js';
import { programName } from './init/next.js';
import { pipelineScenario } from './pipeline-scenario.js';
import type { RecorderOrder } from './recorder-order.js';
import { startRecorder } from './start-detached.js';
import { plainText } from './terminal/text.js';

interface StartOptions {
  url?: string;
  rate?: string;
  set: string[];
  out?: string;
  baseline: string[];
  detach?: boolean;
  quiet?: boolean;
}

export function startCommand(): Command {
  return new Command('start')
    .description(
      'Begins to drive traffic around a release that others make: a pipeline of separate steps. `mark` begins a phase, `stop` judges, reports and gives the exit code.',
    )
    .argument('[scenario]', 'scenario file (YAML, JSON or TypeScript); its steps are not run')
    .option(
      '--detach',
      'return once the baseline holds, and leave a recorder behind; else it stays, for a terminal of its own',
    )
    .option('--url <url>', 'without a scenario: the target')
    .option('--rate <rate>', 'arrivals per second, such as 200/s')
    .option('--set <name=value>', 'set a variable or a field (traffic.rate=50/s); may be repeated', collect, [])
    .option('--out <dir>', 'folder the run directory is made in (default: outputs.dir of the scenario, else reports)')
    .option('--baseline <run>', 'compare with an earlier run, or a folder of them; may be repeated', collect, [])
    .option('--quiet', 'only the end on stderr')
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, options: StartOptions) => {
      await forgetEarlier(process.env);
      for (const out of new Set([options.out ?? DEFAULT_OUT, DEFAULT_OUT])) forgetOver(out);
      const given = { file: file ?? null, url: options.url ?? null, rate: options.rate ?? null, set: options.set };
      const { scenario, notes } = await pipelineScenario(given);
      const out = resolve(options.out ?? scenario.outputDir);
      forgetOver(out);
      const base = earlierRuns(options.baseline, scenario.name);
      for (const note of notes) say(scenario, note);
      const order = { ...given, out, runId: newRunId(wallTime()), base, quiet: options.quiet ?? false };
      process.exitCode = await (options.detach ? leaveRunning : stay)(scenario, order);
    });
}

const HELP = `
One machine, one job:
  The recorder that --detach leaves behind ends with \`stop\`, after maxDuration (2h without a scenario), or when its run
  directory is removed. \`mark\` and \`stop\` find it by ZDD_RUN, else by the output folder (reports). CI runners end
  what a job leaves behind: call start, mark and stop in steps of one job. GitHub Actions: ZDD_RUN is set for the
  steps that follow. GitLab: in \`script\`, not in \`after_script\`. Jenkins: within one \`node\` block.

Exit codes:
  0    the baseline holds, and the recorder goes on
  2    usage or scenario invalid, or another run drives this target; nothing was sent
  94   the target is unhealthy, or the baseline crosses a threshold; the report says why
  130  interrupted before the baseline was over (143: terminated); nothing goes on

Examples:
  $ zdd-verify start deploy/zdd.yaml --detach
  $ zdd-verify mark migrate && ./migrate.sh
  $ zdd-verify mark switch && ./switch.sh
  $ zdd-verify stop
  $ zdd-verify start --url http://127.0.0.1:8080 --rate 100/s --detach
  $ ZDD_RUN=$(zdd-verify start deploy/zdd.yaml --detach) && export ZDD_RUN
                                            where the folder changes, or several runs are under way
  $ zdd-verify start deploy/zdd.yaml        in a terminal of its own; mark and stop from another

The last line of stdout is the run directory.`;

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

async function leaveRunning(scenario: Scenario, order: RecorderOrder): Promise<ExitCode> {
  const dir = join(order.out, order.runId);
  const exitCode = await startRecorder(order, () => announce(scenario, dir));
  if (exitCode === null && !order.quiet) {
    const program = programName(process.env);
    const marks = `\`${program} mark NAME\` begins a phase of the release`;
    const most = `${formatMs(scenario.maxDurationMs)} at most`;
    say(scenario, `recording until \`${program} stop\`, for ${most}; ${marks}`);
  }
  if (existsSync(dir)) process.stdout.write(`${dir}\n`);
  return exitCode ?? EXIT.PASS;
}

/** Records in this process. Ctrl-C ends the recording, and this with it. */
async function stay(scenario: Scenario, { out, runId, base, quiet }: RecorderOrder): Promise<ExitCode> {
  const dir = join(out, runId);
  await mkdir(dir, { recursive: true }).catch((cause) => {
    throw new ZddError('OUTPUT_UNWRITABLE', `cannot write the run directory ${dir}: ${messageOf(cause)}`, { cause });
  });
  await writeStarted(dir, createRedactor(scenario.secrets)(scenario.target.url));
  const host: Pipeline = { alone: false, baselineHolds: () => announce(scenario, dir) };
  const settings = { out, json: false, quiet, base, pipeline: { runId, host } };
  const { exitCode } = await execute(scenario, settings).catch(async (error) => {
    if (!existsSync(join(dir, JOURNAL_FILE))) await rm(dir, { recursive: true, force: true });
    throw error;
  });
  await writeEnded(dir, exitCode);
  return exitCode;
}

/** Lets the commands that follow find the run. */
async function announce(scenario: Scenario, dir: string): Promise<void> {
  await pointTo(dir, createRedactor(scenario.secrets)(scenario.target.url));
  await addToGithubEnv(dir, process.env).catch((error) =>
    say(scenario, `ZDD_RUN could not be set: ${messageOf(error)}`),
  );
}

/** Steps of a GitHub job that follow must not find an older run by the name that it left them. */
async function forgetEarlier({ ZDD_RUN: earlier = '', GITHUB_ENV: path = '' }: NodeJS.ProcessEnv): Promise<void> {
  if (earlier === '' || path === '' || !isOver(earlier)) return;
  await appendFile(path, 'ZDD_RUN=\n').catch(() => {});
}

/** For the steps of a GitHub job that follow. The value stands between two lines that nobody can guess. */
async function addToGithubEnv(dir: string, { GITHUB_ENV: path }: NodeJS.ProcessEnv): Promise<void> {
  if (path === undefined || path === '') return;
  const edge = `zdd_${randomBytes(16).toString('hex')}`;
  await appendFile(path, `ZDD_RUN<<${edge}\n${dir}\n${edge}\n`);
}

function say({ secrets }: Scenario, text: string): void {
  process.stderr.write(`${plainText(createRedactor(secrets)(text))}\n`);
}
