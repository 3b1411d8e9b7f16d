import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ZddError } from '../model/errors.js';
import { monotonicNs } from '../platform/clock.js';
import { isAlive } from '../platform/process-group.js';

const MARKS_FILE = 'marks.ndjson';
const ALIVE_FILE = 'run.pid.json';

export { ALIVE_FILE };

export interface Mark {
  name: string;
  /** CLOCK_MONOTONIC of the machine, ns. */
  ns: bigint;
}

/** Adds a mark to the live run in `dir`; its time is now, however late the run reads it. */
export function addMark(dir: string, name: string): void {
  const holder = join(dir, ALIVE_FILE);
  if (!existsSync(holder)) throw new ZddError('NO_RUN', `${dir} is not the directory of a live run`);
  const { pid, startTicks } = JSON.parse(readFileSync(holder, 'utf8')) as { pid: number; startTicks: string | null };
  if (!isAlive(pid, startTicks)) throw new ZddError('NO_RUN', `the run in ${dir} is over`);
  appendFileSync(join(dir, MARKS_FILE), `${JSON.stringify({ name, ns: String(monotonicNs()) })}\n`);
}

/** Reads the marks that came since the last call. */
export function markReader(dir: string): () => Mark[] {
  const path = join(dir, MARKS_FILE);
  let seen = 0;
  return () => {
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    const fresh = lines.slice(seen);
    seen = lines.length;
    return fresh.flatMap((line) => {
      try {
        const { name, ns } = JSON.parse(line) as { name: string; ns: string };
        return [{ name: String(name).slice(0, 60), ns: BigInt(ns) }];
      } catch {
        return [];
      }
    });
  };
}
