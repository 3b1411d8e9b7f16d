import { basename, dirname, join } from 'node:path';
import { deploysOf } from '../judge/deploys.js';
import type { Deploy } from '../model/deploys.js';
import { messageOf } from '../model/errors.js';
import { EXIT, type ExitCode, strongestExitCode } from '../model/exit-codes.js';
import { writeAtomically } from '../platform/files.js';
import { deploysJson, deploysLines } from '../report/deploys-text.js';
import type { Scenario } from '../scenario/scenario.js';
import { execute } from './execute.js';
import { explainFailure } from './failure.js';
import { judgedRun } from './results.js';
import { styleOf } from './terminal/style.js';

/** After one of these a further run would not start from where the first one did. */
const ENDS_REPEATING: readonly ExitCode[] = [EXIT.ROLLBACK_FAILED, EXIT.SIGINT, EXIT.SIGTERM];

export interface Repeats {
  planned: number;
  /** Whether what the steps do is to be undone before the next run. */
  goesBack: boolean;
}

type Settings = Parameters<typeof execute>[1];

/**
 * Makes the release `planned` times, one run after the other. Every run but the last goes back to the old release, so
 * that each begins where the first one did; what they come to together is said on stderr and kept in a
 * `deploys-<first run>.json` beside the runs. Resolves with the gravest exit code. Throws what the first run throws; a later
 * one that cannot be made ends them as a fault.
 */
export async function runRepeatedly(
  scenario: Scenario,
  settings: Settings,
  { planned, goesBack }: Repeats,
  onRun: (dir: string) => Promise<void>,
): Promise<ExitCode> {
  if (planned > 1 && scenario.rollback.length === 0)
    say('The scenario has no rollback: each run begins with what the one before left, unless a setup step goes back.');
  const done: Deploy[] = [];
  let cutShort: ExitCode[] = [];
  let failure = '';
  for (let left = planned; left > 0; left -= 1) {
    const undone = goesBack && left > 1 && scenario.rollback.length > 0;
    const run = await execute(undone ? { ...scenario, rehearsal: 'rollback' } : scenario, settings).catch((error) => {
      if (done.length === 0) throw error;
      failure = explainFailure(error, {
        style: styleOf(process.stderr, process.env),
        debug: process.env.ZDD_DEBUG === '1',
      });
      return null;
    });
    if (run === null) {
      cutShort = [EXIT.FAULT];
      break;
    }
    const { exitCode, dir } = run;
    done.push(await deployOf(dir, exitCode));
    await onRun(dir);
    if (ENDS_REPEATING.includes(exitCode)) break;
    // The exit code of a run says nothing of a signal that came once its release was over.
    const signal = run.received();
    if (left > 1 && signal !== null) {
      cutShort = [signal === 'SIGINT' ? EXIT.SIGINT : EXIT.SIGTERM];
      break;
    }
  }
  if (planned > 1) await conclude(done, planned);
  process.stderr.write(failure);
  return strongestExitCode([...done.map(({ exitCode }) => exitCode), ...cutShort]);
}

async function conclude(done: readonly Deploy[], planned: number): Promise<void> {
  const found = deploysOf(done, planned);
  for (const line of deploysLines(found)) say(line);
  const first = done[0]?.dir;
  if (first === undefined) return;
  const file = join(dirname(first), `deploys-${basename(first)}.json`);
  await writeAtomically(file, deploysJson(found)).catch((error) =>
    say(`${file} cannot be written: ${messageOf(error)}`),
  );
}

/** One whose record cannot be judged counts as inconclusive. */
async function deployOf(dir: string, exitCode: ExitCode): Promise<Deploy> {
  try {
    const { verdict, release, gate, headline } = (await judgedRun(dir)).judgement;
    return { dir, exitCode, verdict, release, gate, headline };
  } catch {
    return { dir, exitCode, verdict: null, release: null, gate: null, headline: 'its record cannot be judged' };
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
