import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, ZddError } from '../model/errors.js';
import { monotonicNs } from '../platform/clock.js';
import { isAlive } from '../platform/process-group.js';
import { readStarted, readStop } from './started-run.js';

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
  const isOfPipeline = readStarted(dir) !== null;
  const hint = isOfPipeline ? 'what follows would not be recorded; `zdd-verify stop` judges what there is' : undefined;
  const recorder = recorderIn(dir);
  if (recorder === null && isOfPipeline) throw new ZddError('NO_RUN', `the run in ${dir} is over`, { hint });
  if (recorder === null) throw new ZddError('NO_RUN', `${dir} is not the directory of a live run`);
  if (!isAlive(recorder.pid, recorder.startTicks)) throw new ZddError('NO_RUN', `the run in ${dir} is over`, { hint });
  if (readStop(dir) !== null) throw new ZddError('NO_RUN', `the run in ${dir} is being stopped`, { hint });
  try {
    appendFileSync(join(dir, MARKS_FILE), `${JSON.stringify({ name, ns: String(monotonicNs()) })}\n`);
  } catch (cause) {
    throw new ZddError('OUTPUT_UNWRITABLE', `the mark cannot be written: ${messageOf(cause)}`, { cause });
  }
}

function recorderIn(dir: string): { pid: number; startTicks: string | null } | null {
  try {
    return JSON.parse(readFileSync(join(dir, ALIVE_FILE), 'utf8')) as { pid: number; startTicks: string | null };
  } catch {
    return null;
  }
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
