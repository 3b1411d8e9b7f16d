// The run directories of a job, and what a killed run left behind. Shared by the GitHub action and by `undo.mjs`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Steps of these kinds move users to the new release; before the first of them there is nothing to undo. */
const MOVES_TRAFFIC = ['switch', 'reload', 'verify', 'custom'];

/** The command: the one that `ZDD_ACTION_MAIN` names, else the one of the package this file is part of. */
export function mainFile(env = process.env) {
  return env.ZDD_ACTION_MAIN || fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
}

/** The latest run directory in `parent`; null where nothing was run. Run ids begin with the time. */
export function latestRun(parent) {
  if (!existsSync(parent)) return null;
  const names = readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(parent, entry.name, 'journal.ndjson')))
    .map(({ name }) => name);
  const latest = names.sort().at(-1);
  return latest === undefined ? null : resolve(parent, latest);
}

/**
 * What the run in `dir` came to, as in its `run.json`. Of a run that was killed there is none: it is written from the
 * record, with every other output. Null where the record cannot be read.
 */
export function resultsOf(dir, env = process.env) {
  const file = join(dir, 'run.json');
  if (!existsSync(file)) {
    spawnSync(process.execPath, [mainFile(env), 'report', dir], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** The process of the run in `dir` while it lives, else null: a job may go on although it was cancelled. */
export function livingProcess(dir) {
  try {
    const { pid, startTicks } = JSON.parse(readFileSync(join(dir, 'run.pid.json'), 'utf8'));
    process.kill(pid, 0);
    // Another process may have its number by now; where the system says when it began, it is told apart.
    return startTicks === null || startTicks === startOf(pid) ? pid : null;
  } catch {
    return null;
  }
}

/** In ticks since the system's start; none of a process that is dead and was not fetched yet. */
function startOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // What stands before the last bracket is a name of any kind.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

/**
 * Whether the run in `dir` was killed once users could be on the new release; one that could still act has put it right
 * itself. The last moment before it was killed is not in its journal, but each step has a log from before it begins.
 */
export function isHalfWay(dir, results) {
  if (results?.cut !== true) return false;
  // Others make the release of a run that `start` began, and say what became of it.
  if (existsSync(join(dir, 'started.json'))) return false;
  const began = results.phases.some(({ role, kind }) => role === 'release' && MOVES_TRAFFIC.includes(kind));
  const logs = existsSync(join(dir, 'steps')) ? readdirSync(join(dir, 'steps')) : [];
  return began || planOf(dir).some(({ name, kind }) => MOVES_TRAFFIC.includes(kind) && logs.includes(logOf(name)));
}

/** The steps of the release, by the first line of the journal. */
function planOf(dir) {
  try {
    const journal = readFileSync(join(dir, 'journal.ndjson'), 'utf8');
    return JSON.parse(journal.slice(0, journal.indexOf('\n'))).steps ?? [];
  } catch {
    return [];
  }
}

function logOf(step) {
  return `${step.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '') || 'step'}.log`;
}
