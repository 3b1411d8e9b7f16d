import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../platform/files.js';
import { readStat } from '../platform/process-group.js';

export const ALIVE_FILE = 'run.pid.json';

/** A process, told from a later one with the same number by its start. */
export interface LiveProcess {
  pid: number;
  startTicks: string | null;
}

/** The process of a live run, and the watchdog that acts for it where it is killed. */
export interface Alive extends LiveProcess {
  watchdog?: LiveProcess | null;
}

export function processOf(pid: number): LiveProcess {
  return { pid, startTicks: readStat(pid)?.startTicks ?? null };
}

/** Says in the run directory `dir` that this process runs it, until the file is removed. */
export async function writeAlive(dir: string, watchdog: LiveProcess | null): Promise<void> {
  const alive: Alive = { ...processOf(process.pid), watchdog };
  await writeAtomically(join(dir, ALIVE_FILE), JSON.stringify(alive));
}

/** Null where the run in `dir` is over, and where there is none. */
export function readAlive(dir: string): Alive | null {
  try {
    return JSON.parse(readFileSync(join(dir, ALIVE_FILE), 'utf8')) as Alive;
  } catch {
    return null;
  }
}
