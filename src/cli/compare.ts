import { Command } from 'commander';
import { compareRuns, exitCodeOfComparison, withComparison } from '../judge/compare/compare.js';
import type { RunEvidence } from '../judge/compare/evidence.js';
import type { Comparison } from '../model/comparison.js';
import { ZddError } from '../model/errors.js';
import type { RunHeader } from '../model/event.js';
import type { Threshold } from '../model/threshold.js';
import { journalOf } from '../record/replay.js';
import { baseRuns, HISTORY_RUNS, otherScenario, runDirectory, standardsOf } from './base-runs.js';
import { comparisonAnnotations, comparisonLines } from './compare-table.js';
import type { Results } from './results.js';
import { readEvidence } from './run-evidence.js';
import { styleOf } from './terminal/style.js';

interface CompareOptions {
  last: string;
  json?: boolean;
  force?: boolean;
}

export function compareCommand(): Command {
  return new Command('compare')
    .description(
      'Holds a recorded run against earlier ones: failures absolutely, latencies step by step and flow by flow with ' +
        'tests that allow for autocorrelation. Sends nothing.',
    )
    .argument(
      '<base...>',
      'run directory, run.json or history folder; several may be given, the last argument is the new run',
    )
    .option('--last <n>', 'newest runs of a history folder that are compared with', String(HISTORY_RUNS))
    .option('--json', 'the comparison as JSON on stdout, in the place of the directory of the new run')
    .option('--force', 'compare runs of different scenarios')
    .addHelpText('after', HELP_AFTER)
    .action(async (paths: string[], options: CompareOptions) => {
      const newPath = paths.at(-1) as string;
      if (paths.length < 2) {
        throw new ZddError('USAGE', 'compare needs an earlier run and a new one', {
          hint: 'zdd-verify compare BASE NEW',
        });
      }
      const dir = runDirectory(newPath);
      if (dir === null) {
        throw new ZddError('USAGE', `${newPath} is no run directory`, { hint: 'the last argument is the new run' });
      }
      const last = lastOf(options.last);
      const fresh = await readEvidence(dir);
      const { runId, scenario } = fresh.run.header;
      const base = baseRuns(paths.slice(0, -1), { scenario: scenario.name, except: runId, last });
      const comparison = await compareWith(base, fresh, options.force ?? false);
      process.stderr.write(`${comparisonLines(comparison, styleOf(process.stderr, process.env)).join('\n')}\n`);
      if (process.env.GITHUB_ACTIONS === 'true') {
        for (const annotation of comparisonAnnotations(comparison)) process.stderr.write(`${annotation}\n`);
      }
      process.stdout.write(options.json ? `${JSON.stringify(comparison, null, 2)}\n` : `${dir}\n`);
      process.exitCode = exitCodeOfComparison(comparison);
    });
}

const HELP_AFTER = `
A folder of run directories is a history: its newest healthy and completed runs of the same scenario, without downtime,
are compared with. Base runs that are regressions themselves, or whose gate failed, are left out: name one alone to make it
the standard. With several base runs a regression has to be beyond what they differ among themselves.

Exit codes: 99 for a regression; 98 where nothing is proven (a run is no evidence, the new one is inconclusive, the
baselines show another machine or are too short to show it, another load, too few base runs); 0 otherwise; 2 where the
runs cannot be read or are of different scenarios.

Examples:
  $ zdd-verify compare reports/20261119-0900-9f3c1a reports/20261120-1012-ab12cd
  $ zdd-verify compare main/run.json reports/20261120-1012-ab12cd --json
  $ zdd-verify compare reports reports/20261120-1012-ab12cd --last 20`;

/**
 * Reads the base runs one after the other and compares: each run once, whatever copies and links there are of it, and never
 * the new one. Throws USAGE where none is left, or one is of another scenario.
 */
export async function compareWith(
  dirs: readonly string[],
  fresh: RunEvidence,
  anyScenario = false,
): Promise<Comparison> {
  const own = fresh.run.header;
  const others = new Map<string, string>();
  for (const dir of dirs) {
    const { runId, scenario } = await headerIn(dir);
    if (runId === own.runId || others.has(runId)) continue;
    if (scenario.name !== own.scenario.name && !anyScenario) throw otherScenario(dir, scenario.name, own.scenario.name);
    others.set(runId, dir);
  }
  if (others.size === 0) {
    throw new ZddError('USAGE', `${own.runId} is the only run that is named: it cannot be compared with itself`, {
      hint: 'name an earlier run',
    });
  }
  const { standards, note } = standardsOf([...others.values()]);
  const base: RunEvidence[] = [];
  for (const dir of standards) base.push(await readEvidence(dir));
  const comparison = compareRuns(base, fresh);
  return note === null ? comparison : { ...comparison, notes: [note, ...comparison.notes] };
}

/** Throws RECORD_UNREADABLE. */
async function headerIn(dir: string): Promise<RunHeader> {
  // It comes first, or reading throws.
  for await (const event of journalOf(dir)) if (event.type === 'header') return event;
  throw new ZddError('RECORD_UNREADABLE', `${dir} holds no header of a run`);
}

/**
 * Judges the run in `dir` and holds it against the runs in `base`. A comparison that fails leaves the judgement as it is:
 * `onFault` hears of it.
 */
export async function judgeAgainst(
  dir: string,
  base: readonly string[],
  onFault: (error: unknown) => void,
  thresholds?: Threshold[],
): Promise<Results> {
  const evidence = await readEvidence(dir, thresholds);
  const { run, judgement } = evidence;
  try {
    const comparison = await compareWith(base, evidence);
    return { run, judgement: withComparison(judgement, comparison), comparison };
  } catch (error) {
    onFault(error);
    return { run, judgement };
  }
}

function lastOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new ZddError('USAGE', `--last takes a whole number from 1, not ${text}`);
  return count;
}
