import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { recorderState } from '../conductor/recorder-state.js';
import { readEnded, readStarted, readStop, type Started } from '../conductor/started-run.js';
import { ZddError } from '../model/errors.js';
import { writeAtomically } from '../platform/files.js';
import { plainText } from './terminal/text.js';

/** Where run directories are made, and looked for, where nothing else is said. */
export const DEFAULT_OUT = 'reports';
/** In the folder of the run directories: for each target, which run of it `start` began last. */
const POINTERS = '.current';
const POINTERS_READ = 1000;

const pointer = z.object({ run: z.string().regex(/^[\w-]{1,80}$/), target: z.string() });

/** Lets `mark` and `stop` find the run in `dir` by the folder it lies in. */
export async function pointTo(dir: string, target: string): Promise<void> {
  const folder = join(dir, '..', POINTERS);
  mkdirSync(folder, { recursive: true });
  const name = createHash('sha256').update(target).digest('hex').slice(0, 16);
  await writeAtomically(join(folder, `${name}.json`), `${JSON.stringify({ run: basename(dir), target })}\n`);
}

/** Takes away what points to runs that are over: a `stop` after a `start` that failed must not find an older run. */
export function forgetOver(out: string): void {
  for (const { path, dir } of pointersIn(out)) if (isOver(dir)) rmSync(path, { force: true });
}

export interface CurrentRun {
  /** The run directory, absolute. */
  dir: string;
  started: Started;
}

/**
 * The run that `start` began: in `named`, else as the environment says (`ZDD_RUN`), else the only one in the folder `out`
 * that was not stopped, else the last one that was. Throws NO_RUN where there is none, and where there are several.
 */
export function currentRun(named: string | undefined, out: string, env: NodeJS.ProcessEnv): CurrentRun {
  const told = named ?? env.ZDD_RUN;
  if (told !== undefined && told !== '') {
    const found = runIn(resolve(told));
    if (found !== null) return found;
    const what = existsSync(told)
      ? `${told} is not the directory of a run that \`start\` began`
      : `there is no ${told}`;
    throw new ZddError('NO_RUN', what, { hint: `${named === undefined ? 'ZDD_RUN names it; ' : ''}${HINT}` });
  }
  const runs = pointersIn(out).flatMap(({ dir }) => runIn(dir) ?? []);
  const open = runs.filter(({ dir }) => !isOver(dir));
  if (open.length > 1) {
    const lines = open.map(({ dir, started }) => {
      const gone = recorderState(dir, started) === 'gone';
      const remedy = gone ? `  (its recorder is gone: \`zdd-verify stop ${dir}\` ends it)` : '';
      return `  ${dir}  ${plainText(started.target)}${remedy}`;
    });
    throw new ZddError('NO_RUN', `${open.length} runs are under way in ${out}:\n${lines.join('\n')}`, {
      hint: 'set ZDD_RUN to the directory of the one that is meant',
    });
  }
  const last = runs.toSorted((a, b) => (basename(a.dir) < basename(b.dir) ? 1 : -1));
  const found = open[0] ?? last[0];
  if (found === undefined) throw new ZddError('NO_RUN', `no run was started in ${resolve(out)}`, { hint: HINT });
  return found;
}

const HINT = '`zdd-verify start` prints the run directory: set ZDD_RUN to it, or call this from the same folder';

/** Stopped, and its result is there. */
export function isOver(dir: string): boolean {
  return readStop(dir) !== null && readEnded(dir) !== null;
}

function runIn(dir: string): CurrentRun | null {
  const started = readStarted(dir);
  return started === null ? null : { dir, started };
}

function pointersIn(out: string): { path: string; dir: string }[] {
  const folder = join(out, POINTERS);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .slice(0, POINTERS_READ)
    .flatMap((name) => {
      const path = join(folder, name);
      try {
        return [{ path, dir: resolve(out, pointer.parse(JSON.parse(readFileSync(path, 'utf8'))).run) }];
      } catch {
        return [];
      }
    });
}
