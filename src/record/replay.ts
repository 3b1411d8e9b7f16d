import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ZddError } from '../model/errors.js';
import type { RunEvent, RunHeader } from '../model/event.js';
import { fromRow, SAMPLE_COLUMNS, type Sample, type SampleRow } from '../model/sample.js';
import { JOURNAL_FILE, SAMPLES_FILE } from './recorder.js';

/** Takes the record back in: the whole journal first, then the samples in the order they ended. */
export interface ReplayTarget {
  event(event: RunEvent): void;
  sample(sample: Sample): void;
}

/**
 * Reads a run directory back, also one whose run was killed: the last line of each file may be torn and is then
 * left out. A line that cannot be read anywhere else means that the record was changed, and is an error.
 */
export async function replay(dir: string, begin: (header: RunHeader) => ReplayTarget): Promise<void> {
  let target: ReplayTarget | null = null;
  for await (const event of linesOf<RunEvent>(dir, JOURNAL_FILE)) {
    if (target === null) {
      if (event.type !== 'header' || event.schema !== 'zdd-verify/journal/v1') {
        throw unreadable(dir, `${JOURNAL_FILE} does not begin with the header of a run`);
      }
      target = begin(event);
    }
    target.event(event);
  }
  if (target === null) throw unreadable(dir, `${JOURNAL_FILE} is empty`);
  let columns = true;
  for await (const row of linesOf<SampleRow>(dir, SAMPLES_FILE)) {
    if (columns) {
      if (JSON.stringify(row) !== JSON.stringify(SAMPLE_COLUMNS))
        throw unreadable(dir, `${SAMPLES_FILE} has other columns than this version writes`);
      columns = false;
      continue;
    }
    target.sample(fromRow(row));
  }
}

async function* linesOf<T>(dir: string, name: string): AsyncGenerator<T> {
  const path = join(dir, name);
  try {
    await stat(path);
  } catch (cause) {
    throw unreadable(dir, `there is no ${name}`, cause);
  }
  let torn: string | null = null;
  let number = 0;
  for await (const line of createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1;
    if (torn !== null) throw unreadable(dir, `${name}:${number - 1} is damaged: ${torn.slice(0, 60)}`);
    if (line === '') continue;
    try {
      yield JSON.parse(line) as T;
    } catch {
      torn = line;
    }
  }
}

function unreadable(dir: string, what: string, cause?: unknown): ZddError {
  return new ZddError('RECORD_UNREADABLE', `${dir} holds no readable record of a run: ${what}`, {
    hint: 'give the run directory that `zdd-verify run` printed as its last line',
    cause,
  });
}
