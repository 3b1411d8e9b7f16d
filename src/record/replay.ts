import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, ZddError } from '../model/errors.js';
import type { RunEvent, RunHeader } from '../model/event.js';
import { type Sample, sampleAt } from '../model/sample.js';
import { linesOf } from '../platform/lines.js';
import { JOURNAL_FILE, SAMPLES_FILE } from './recorder.js';
import type { RecordedBatch } from './samples/batch.js';
import { type Format, headOf, textOf } from './samples/rows.js';
import { readSamples } from './samples/sample-reader.js';

/** Takes the record back in: the whole journal first, then the samples in the order they ended. */
export interface ReplayTarget {
  event(event: RunEvent): void;
  sample(sample: Sample): void;
}

/**
 * Reads a run directory back, also one whose run was killed: the last line of the journal and the last batch of samples
 * may be torn and are then left out. What cannot be read anywhere else means that the record was changed, and is an
 * error.
 */
export async function replay(dir: string, begin: (header: RunHeader) => ReplayTarget): Promise<void> {
  let target: ReplayTarget | null = null;
  let flows: string[] = [];
  for await (const event of journalOf(dir)) {
    if (target === null && event.type === 'header') {
      flows = event.traffic.flows.map(({ name }) => name);
      target = begin(event);
    }
    target?.event(event);
  }
  for await (const batch of samplesOf(dir, flows)) {
    for (let row = 0; row < batch.count; row++) target?.sample(sampleAt(batch, row, flows));
  }
}

/** Every sample of a run as text, in pieces of some hundred rows. */
export async function* exportSamples(dir: string, format: Format): AsyncGenerator<string> {
  const flows = await flowsOf(dir);
  const head = headOf(format);
  if (head !== '') yield head;
  for await (const batch of samplesOf(dir, flows)) yield textOf(batch, flows, format);
}

/** Names of the header's flows. */
async function flowsOf(dir: string): Promise<string[]> {
  for await (const event of journalOf(dir)) {
    if (event.type === 'header') return event.traffic.flows.map(({ name }) => name);
  }
  return [];
}

/** The journal's events, the header first. */
export async function* journalOf(dir: string): AsyncGenerator<RunEvent> {
  let first = true;
  for await (const event of entriesOf<RunEvent>(dir, JOURNAL_FILE)) {
    if (first && (event.type !== 'header' || event.schema !== 'zdd-verify/journal/v1'))
      throw unreadable(dir, `${JOURNAL_FILE} does not begin with the header of a run`);
    first = false;
    yield event;
  }
  if (first) throw unreadable(dir, `${JOURNAL_FILE} is empty`);
}

/** The samples in the order they were recorded, in batches; `flows` are the names of the header's flows. */
export async function* samplesOf(dir: string, flows: readonly string[]): AsyncGenerator<RecordedBatch> {
  try {
    yield* readSamples(join(dir, SAMPLES_FILE), flows);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw unreadable(dir, `there is no ${SAMPLES_FILE}`, cause);
    throw unreadable(dir, `${SAMPLES_FILE}: ${messageOf(cause)}`, cause);
  }
}

async function* entriesOf<T>(dir: string, name: string): AsyncGenerator<T> {
  const path = join(dir, name);
  try {
    await stat(path);
  } catch (cause) {
    throw unreadable(dir, `there is no ${name}`, cause);
  }
  let torn: string | null = null;
  let number = 0;
  const input = createReadStream(path, 'utf8');
  try {
    for await (const line of linesOf(input as AsyncIterable<string>)) {
      number += 1;
      if (torn !== null) throw unreadable(dir, `${name}:${number - 1} is damaged: ${torn.slice(0, 60)}`);
      if (line === '') continue;
      try {
        yield JSON.parse(line) as T;
      } catch {
        torn = line;
      }
    }
  } finally {
    input.destroy();
  }
}

function unreadable(dir: string, what: string, cause?: unknown): ZddError {
  return new ZddError('RECORD_UNREADABLE', `${dir} holds no readable record of a run: ${what}`, {
    hint: 'give the run directory that `zdd-verify run` printed as its last line',
    cause,
  });
}
