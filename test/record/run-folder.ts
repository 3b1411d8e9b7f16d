import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '../../src/model/event.js';
import type { Sample } from '../../src/model/sample.js';
import { Recorder } from '../../src/record/recorder.js';
import { replay } from '../../src/record/replay.js';
import { headerOf } from './build-run.js';
import { batchOf } from './sample-batch.js';

export const SECRET = 'secret-token';
export const FLOWS = ['home', 'items, "all"'];
export const HEADER = headerOf({ flows: FLOWS.map((name) => ({ name, weight: 1 })) });

/** A place for a run directory, and what its recorder's listener heard. */
export interface RunFolder {
  dir: string;
  heard: (RunEvent | Sample)[];
  recorder(): Promise<Recorder>;
  /** Records a header, the events, and the samples in batches of `perBatch`, each of them flushed. */
  write(
    samples: readonly Sample[],
    options?: { events?: RunEvent[]; perBatch?: number; close?: boolean },
  ): Promise<void>;
  readBack(): Promise<(RunEvent | Sample)[]>;
  remove(): Promise<void>;
}

export async function runFolder(): Promise<RunFolder> {
  const parent = await mkdtemp(join(tmpdir(), 'zdd-record-'));
  const dir = join(parent, 'run');
  const heard: (RunEvent | Sample)[] = [];
  const open: Recorder[] = [];

  const recorder = async (): Promise<Recorder> => {
    const made = await Recorder.create(dir, {
      redact: (value) => JSON.parse(JSON.stringify(value).replaceAll(SECRET, '[redacted]')),
      onFault: (reason) => {
        throw new Error(reason);
      },
      listener: { event: (event) => heard.push(event), sample: (sample) => heard.push(sample) },
    });
    open.push(made);
    return made;
  };

  return {
    dir,
    heard,
    recorder,
    async write(samples, { events = [], perBatch = 50, close = true } = {}) {
      const made = await recorder();
      made.event(HEADER);
      for (const event of events) made.event(event);
      for (let from = 0; from < samples.length; from += perBatch) {
        made.samples(batchOf(samples.slice(from, from + perBatch), FLOWS));
        await made.flush();
      }
      if (close) await (open.pop() as Recorder).close();
    },
    async readBack() {
      const seen: (RunEvent | Sample)[] = [];
      await replay(dir, () => ({ event: (event) => seen.push(event), sample: (sample) => seen.push(sample) }));
      return seen;
    },
    async remove() {
      for (const made of open) await made.close();
      await rm(parent, { recursive: true, force: true });
    },
  };
}
