import { appendFileSync, closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, ZddError } from '../model/errors.js';
import { monotonicNs } from '../platform/clock.js';
import { isAlive } from '../platform/process-group.js';
import { readAlive } from './alive.js';
import { readStarted, readStop } from './started-run.js';

const MARKS_FILE = 'marks.ndjson';

export interface Mark {
  name: string;
  /** CLOCK_MONOTONIC of the machine, ns. */
  ns: bigint;
}

/** Adds a mark to the live run in `dir`; its time is now, however late the run reads it. */
export function addMark(dir: string, name: string): void {
  const isOfPipeline = readStarted(dir) !== null;
  const hint = isOfPipeline ? 'what follows would not be recorded; `zdd-verify stop` judges what there is' : undefined;
  const recorder = readAlive(dir);
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

/** At most so much is read at once; a line that is longer is no mark. */
const MOST_BYTES = 64 * 1024;

/** Reads the marks that came since the last call. A file that cannot be read has none, and is told once. */
export function markReader(dir: string, onFault: (reason: string) => void): () => Mark[] {
  const path = join(dir, MARKS_FILE);
  let offset = 0;
  let isTold = false;
  return () => {
    try {
      const chunk = readFrom(path, offset);
      const end = chunk.lastIndexOf('\n') + 1;
      const read = end === 0 && chunk.length === MOST_BYTES ? chunk.length : end;
      offset += read;
      return chunk.toString('utf8', 0, read).split('\n').flatMap(parsed);
    } catch (error) {
      if (!isTold) onFault(`the marks cannot be read: ${messageOf(error)}`);
      isTold = true;
      return [];
    }
  };
}

/** What a file holds from `offset` on; nothing where there is none. */
function readFrom(path: string, offset: number): Buffer {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return Buffer.alloc(0);
  // Opening a pipe would wait for who writes to it.
  if (!stat.isFile()) throw new Error(`${path} is no file`);
  if (stat.size <= offset) return Buffer.alloc(0);
  const chunk = Buffer.alloc(Math.min(stat.size - offset, MOST_BYTES));
  const fd = openSync(path, 'r');
  try {
    return chunk.subarray(0, readSync(fd, chunk, 0, chunk.length, offset));
  } finally {
    closeSync(fd);
  }
}

function parsed(line: string): Mark[] {
  try {
    const { name, ns } = JSON.parse(line) as { name: string; ns: string };
    return [{ name: String(name).slice(0, 60), ns: BigInt(ns) }];
  } catch {
    return [];
  }
}
