import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { ZddError } from '../model/errors.js';
import { JOURNAL_FILE } from '../record/recorder.js';

/** Runs of a history folder that are compared with at most, where nothing else is said. */
export const HISTORY_RUNS = 10;
const RUN_FILE = 'run.json';

export interface BaseOptions {
  /** Name of the scenario of the new run; runs of others in a history folder are left out. */
  scenario: string;
  /** The `runId` of the new run, which may lie in the history folder. */
  except: string | null;
  /** Newest runs of each history folder that are taken. */
  last: number;
}

/**
 * The run directories that are meant: a run directory, the `run.json` of one, or a folder of run directories, of which the
 * last healthy and completed ones of the same scenario are taken, and none with downtime: what failed its users is no
 * standard. Those among them that `standardsOf` leaves out do not count. Each once. Throws USAGE where a path leads to none.
 */
export function baseRuns(paths: readonly string[], options: BaseOptions): string[] {
  const found = new Map<string, string>();
  for (const path of paths) for (const dir of runsAt(path, options)) found.set(resolve(dir), dir);
  return [...found.values()];
}

/** Runs left out that are named at most. */
const NAMED = 3;

/**
 * The runs that others can be held against, and what is said of the others: one that is a regression itself, or whose gate
 * failed, would let the next one pass by being as bad. Where there are only such, they are taken: so a slower release is
 * made the standard, by its name alone.
 */
export function standardsOf(dirs: readonly string[]): { standards: readonly string[]; note: string | null } {
  const failed = dirs.filter((dir) => isNoStandard(summaryOf(dir)));
  if (failed.length === 0) return { standards: dirs, note: null };
  const why = 'regressions themselves, or their gate failed';
  if (failed.length === dirs.length) return { standards: dirs, note: `all base runs are ${why}` };
  const names = failed.slice(0, NAMED).map((dir) => basename(dir));
  const named = failed.length > NAMED ? `${names.join(', ')} and ${failed.length - NAMED} more` : names.join(', ');
  return {
    standards: dirs.filter((dir) => !failed.includes(dir)),
    note: `base runs are left out, as they are ${why}: ${named}; one is compared with where it is named alone`,
  };
}

function isNoStandard(run: z.infer<typeof summary> | null): boolean {
  return run !== null && (run.gate === 'fail' || run.comparison?.result === 'regression');
}

/** The base runs of a run that is about to begin: none of another scenario, so that it does not fail at its end. */
export function earlierRuns(paths: readonly string[], scenario: string): string[] {
  const dirs = baseRuns(paths, { scenario, except: null, last: HISTORY_RUNS });
  for (const dir of dirs) {
    const name = summaryOf(dir)?.scenario.name ?? scenario;
    if (name !== scenario) throw otherScenario(dir, name, scenario);
  }
  return dirs;
}

/** Newest folders that are looked into for how long a run takes, and runs of them that count. */
const FOLDERS_SEEN = 20;
const USUAL_OF = 5;

/** How long runs of the scenario took lately, ms: the median of those in `folder` that were completed; null without any. */
export function usualDurationMs(folder: string, scenario: string): number | null {
  // Names of run directories begin with the time of their start.
  const runs = namesIn(folder).filter((name) => /^\d{8}-/.test(name));
  const newest = runs.sort(compareText).slice(-FOLDERS_SEEN).reverse();
  const durations = newest
    .map((name) => summaryOf(join(folder, name)))
    .filter((run) => run !== null && run.scenario.name === scenario && !run.cut && run.release === 'completed')
    .slice(0, USUAL_OF)
    .map((run) => run?.durationMs ?? 0)
    .sort((a, b) => a - b);
  return durations[Math.floor(durations.length / 2)] ?? null;
}

/** None where the folder cannot be read: the run itself says what is wrong with it. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function otherScenario(dir: string, name: string, own: string): ZddError {
  return new ZddError('USAGE', `${dir} is a run of ${name}, and not of ${own}`, {
    hint: 'compare runs of one scenario; `compare --force` compares them all the same',
  });
}

function runsAt(path: string, options: BaseOptions): string[] {
  const dir = runDirectory(path);
  if (dir !== null) return [dir];
  if (!existsSync(path)) throw new ZddError('USAGE', `there is no ${path}`, { hint: HINT });
  const runs = statSync(path).isDirectory() ? historyOf(path, options) : [];
  if (runs.length > 0) return runs;
  throw new ZddError('USAGE', `${path} holds no earlier run of ${options.scenario} to compare with`, { hint: HINT });
}

const HINT =
  'give a run directory, its run.json, or a folder with healthy and completed runs of the same scenario whose gate did not fail';

/** The run directory that a path means by itself; null for a folder of them, or for nothing. */
export function runDirectory(path: string): string | null {
  const dir = basename(path) === RUN_FILE ? dirname(path) : path;
  return existsSync(join(dir, JOURNAL_FILE)) ? dir : null;
}

/** What is read of the `run.json` of an earlier run to choose by. */
const summary = z.object({
  runId: z.string(),
  scenario: z.object({ name: z.string() }),
  startedAt: z.string(),
  durationMs: z.number(),
  cut: z.boolean(),
  verdict: z.string(),
  release: z.string(),
  gate: z.string(),
  comparison: z.object({ result: z.string() }).optional(),
  generator: z.object({ healthy: z.boolean() }),
});

function historyOf(folder: string, { scenario, except, last }: BaseOptions): string[] {
  const runs = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((dir) => existsSync(join(dir, JOURNAL_FILE)))
    .flatMap((dir) => {
      const run = summaryOf(dir);
      const isMeant =
        run !== null &&
        run.runId !== except &&
        run.scenario.name === scenario &&
        !run.cut &&
        run.verdict !== 'downtime' &&
        run.release === 'completed' &&
        run.generator.healthy;
      return isMeant ? [{ dir, startedAt: run.startedAt, counts: !isNoStandard(run) }] : [];
    });
  const newest = runs.sort((a, b) => compareText(b.startedAt, a.startedAt) || compareText(b.dir, a.dir));
  const oldest = newest
    .filter(({ counts }) => counts)
    .slice(0, last)
    .at(-1);
  return oldest === undefined ? [] : newest.slice(0, newest.indexOf(oldest) + 1).map(({ dir }) => dir);
}

/** Null where there is none, or none that is understood: a run that was killed before it was judged. */
function summaryOf(dir: string): z.infer<typeof summary> | null {
  try {
    return summary.safeParse(JSON.parse(readFileSync(join(dir, RUN_FILE), 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
