import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { recorderState } from '../conductor/recorder-state.js';
import { RECORDER_LOG, readEnded, readStop, STATED_RELEASES, type StatedRelease } from '../conductor/started-run.js';
import { messageOf, ZddError } from '../model/errors.js';
import { EXIT, EXIT_MEANING, type ExitCode, strongestExitCode } from '../model/exit-codes.js';
import { parseDuration } from '../model/units.js';
import { renderMarkdown } from '../report/markdown.js';
import { summaryLines } from '../report/terminal.js';
import { annotationLines } from './annotate.js';
import { comparisonLines } from './compare-table.js';
import { type CurrentRun, currentRun, DEFAULT_OUT, isOver } from './current-run.js';
import { askToStop, type Stopped } from './end-recording.js';
import { concludeLost } from './lost-recorder.js';
import { addToJobSummary, judgedRun, type Results } from './results.js';
import { styleOf } from './terminal/style.js';
import { plainText } from './terminal/text.js';

interface StopOptions {
  release?: string;
  hold: string;
  out: string;
  json?: boolean;
}

export function stopCommand(): Command {
  return new Command('stop')
    .description(
      'Ends what `start` began: lets the traffic go on for the hold, judges the run, writes the report and gives the exit code.',
    )
    .argument('[dir]', 'run directory (default: ZDD_RUN, else the run that was started in the output folder)')
    .option(
      '--release <state>',
      "what became of the release: completed, failed, rolled-back or rollback-failed, or a CI job's status",
    )
    .option('--hold <duration>', 'how long the traffic goes on', '10s')
    .option('--out <dir>', 'folder the run directories are made in', DEFAULT_OUT)
    .option('--json', 'the result as one line of JSON on stdout')
    .addHelpText('after', HELP)
    .action(async (dir: string | undefined, options: StopOptions) => {
      const holdMs = parseDuration(options.hold);
      if (holdMs === null || holdMs > MOST_HOLD_MS) {
        throw new ZddError('USAGE', `--hold takes a duration such as 30s, 24h at most, not \`${options.hold}\``);
      }
      const release = options.release === undefined ? null : statedRelease(options.release);
      process.exitCode = await stop(
        currentRun(dir, options.out, process.env),
        { release, holdMs },
        options.json ?? false,
      );
    });
}

const MOST_HOLD_MS = 24 * 3_600_000;

const HELP = `
Without --release the release counts as completed, or as rolled back where its last phase is \`mark rollback\`. A release
that failed is never a pass (97), whatever its users saw; where they were harmed the verdict says so too.

A recorder that was killed, that ran into maxDuration or that a full disk ended is said: what it recorded is judged, and
the result is 98 at best. A second \`stop\` gives the same exit code again.

Examples:
  $ zdd-verify stop
  $ zdd-verify stop --hold 30s
  $ zdd-verify stop --release "\${{ job.status }}"          GitHub Actions, in a step with \`if: always()\`
  $ zdd-verify stop reports/20261120-101200-ab12cd --release rolled-back

The last line of stdout is the run directory. Exit codes: \`zdd-verify explain 99\` and so on.`;

const STATED_EXIT: Record<StatedRelease, ExitCode> = {
  completed: EXIT.PASS,
  failed: EXIT.STEP_FAILED,
  'rolled-back': EXIT.STEP_FAILED,
  'rollback-failed': EXIT.ROLLBACK_FAILED,
};

/** What CI calls the end of a job. */
const STATUS_WORDS: Readonly<Record<string, StatedRelease | null>> = {
  // A job that went well says nothing of a rollback that it made: its marks do.
  success: null,
  failure: 'failed',
  cancelled: 'failed',
  canceled: 'failed',
  aborted: 'failed',
};

/** The state that is meant; null where the word leaves it to the marks. Throws USAGE. */
export function statedRelease(text: string): StatedRelease | null {
  const word = text.trim().toLowerCase();
  if (Object.hasOwn(STATUS_WORDS, word)) return STATUS_WORDS[word] ?? null;
  const stated = STATED_RELEASES.find((each) => each === word);
  if (stated !== undefined) return stated;
  throw new ZddError('USAGE', `--release does not know \`${text}\``, {
    hint: `it is ${STATED_RELEASES.join(', ')}, or the status of a CI job: ${Object.keys(STATUS_WORDS).join(', ')}`,
  });
}

async function stop(
  { dir, started }: CurrentRun,
  request: { release: StatedRelease | null; holdMs: number },
  json: boolean,
): Promise<ExitCode> {
  const wasOver = isOver(dir);
  if (!wasOver && readEnded(dir) === null && recorderState(dir, started) === 'elsewhere') {
    throw new ZddError('NO_RUN', `the recorder of ${dir} cannot be reached from here`, {
      hint: 'call stop on the machine, and in the container, where start was called',
    });
  }
  const asked = readStop(dir) !== null;
  const stopped = await askToStop({ dir, started }, request, say);
  if (stopped.how === 'lost') {
    const { results, exitCode, problems } = await concludeLost({ dir, started }, stopped.why, request.release);
    return await present(dir, results, exitCode, [...problems, ...hooksLeftOut(results)], json);
  }
  if (wasOver) say(`the run in ${dir} is over; this is its result once more`);
  else if (stopped.early && !asked) say('the recording was over before `stop` was called');
  const problems: string[] = [];
  const results = await judgedRun(dir).catch((error) => {
    problems.push(messageOf(error));
    return null;
  });
  const { exitCode } = stopped;
  // A recorder that was over before did not hear it; one that heard it has it in its own code.
  const stated = readStop(dir)?.release ?? request.release;
  const heard = stated === null || results?.judgement.release === 'not-started' ? EXIT.PASS : STATED_EXIT[stated];
  const all = [exitCode, results === null ? EXIT.FAULT : results.judgement.exitCode, heard];
  return await present(dir, results, strongestExitCode(all), [...problems, ...lastWords(dir, stopped, results)], json);
}

function hooksLeftOut(results: Results | null): string[] {
  const { on } = (results?.run.header.effective ?? {}) as { on?: unknown };
  const none = !Array.isArray(on) || on.length === 0 || (results?.run.hooks.length ?? 0) > 0;
  return none ? [] : ['what the scenario asks for under `on:` was not run: the recorder does that, and it is lost'];
}

/** The recorder's own last words, where it found more than its record shows. */
function lastWords(dir: string, { exitCode }: Extract<Stopped, { how: 'ended' }>, results: Results | null): string[] {
  const log = join(dir, RECORDER_LOG);
  if (results?.judgement.exitCode === exitCode || !existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').split('\n');
  return [...lines.filter((line) => line.includes('zdd-verify itself: ')).slice(-10), `its log  ${log}`];
}

/** Says how it ended, as `run` does. */
async function present(
  dir: string,
  results: Results | null,
  exitCode: ExitCode,
  problems: readonly string[],
  json: boolean,
): Promise<ExitCode> {
  const style = styleOf(process.stderr, process.env);
  const lines: string[] = [];
  if (results !== null) {
    const { run, judgement, comparison } = results;
    lines.push(...summaryLines(run, judgement, { color: style.enabled, width: process.stderr.columns ?? 100 }));
    if (comparison !== undefined) lines.push('', ...comparisonLines(comparison, style));
    await addToJobSummary(renderMarkdown(run, judgement), process.env).catch((error) => lines.push(messageOf(error)));
  }
  lines.push(...problems.map((problem) => style.red(plainText(problem))));
  if (exitCode !== results?.judgement.exitCode) lines.push(style.red(`Exit ${exitCode}: ${EXIT_MEANING[exitCode]}`));
  const report = join(dir, 'report.html');
  lines.push(existsSync(report) ? `report  ${report}` : `record  ${dir} (there is no report)`);
  lines.push(...annotationLines(results, process.env));
  process.stderr.write(`${lines.join('\n')}\n`);
  const { verdict = 'inconclusive', gate = 'inconclusive', release } = results?.judgement ?? {};
  const finished = { type: 'finished', dir, verdict, release, gate, exitCode };
  process.stdout.write(json ? `${JSON.stringify(finished)}\n` : `${dir}\n`);
  return exitCode;
}

function say(text: string): void {
  process.stderr.write(`${plainText(text)}\n`);
}
