import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, ZddError } from '../model/errors.js';
import type { RunEvent } from '../model/event.js';
import { type Sample, type SampleBatch, sampleAt } from '../model/sample.js';
import { AppendFile } from '../platform/files.js';
import { attribute, WARMUP } from './fold/attribution.js';
import { createPhaseLog, isAboutPhases } from './fold/phases.js';
import { SampleFile } from './samples/sample-file.js';

export const JOURNAL_FILE = 'journal.ndjson';
export const SAMPLES_FILE = 'samples.arrow';
export const STEPS_FOLDER = 'steps';

/** At most this much of the record is not yet with the system when the process is killed. */
const FLUSH_MS = 200;

export interface RecordListener {
  event(event: RunEvent): void;
  sample(sample: Sample): void;
}

/**
 * Writes the record of a run as it happens: `journal.ndjson` (one event a line), `samples.arrow` (one row a
 * request) and `steps/*.log`. Everything passes through the redactor first.
 */
export class Recorder {
  readonly dir: string;
  readonly #journal: AppendFile;
  readonly #samples: SampleFile;
  readonly #redact: RecorderOptions['redact'];
  readonly #listener: RecordListener;
  readonly #onError: (error: Error) => void;
  readonly #stepLogs = new Set<string>();
  readonly #phases = createPhaseLog();
  #flows: readonly string[] = [];

  private constructor(dir: string, journal: AppendFile, samples: SampleFile, options: RecorderOptions) {
    this.dir = dir;
    this.#journal = journal;
    this.#samples = samples;
    this.#redact = options.redact;
    this.#listener = options.listener;
    this.#onError = (error) => options.onFault(`the record cannot be written: ${messageOf(error)}`);
  }

  /** Makes the run directory, which must not exist yet. */
  static async create(dir: string, options: RecorderOptions): Promise<Recorder> {
    const onError = (error: Error): void => options.onFault(`the record cannot be written: ${messageOf(error)}`);
    try {
      await mkdir(join(dir, STEPS_FOLDER), { recursive: true });
      const journal = await AppendFile.create(join(dir, JOURNAL_FILE), FLUSH_MS, onError);
      const samples = await SampleFile.create(join(dir, SAMPLES_FILE), FLUSH_MS, onError);
      return new Recorder(dir, journal, samples, options);
    } catch (cause) {
      throw new ZddError('OUTPUT_UNWRITABLE', `cannot write the run directory ${dir}: ${messageOf(cause)}`, {
        hint: 'choose another place with --out DIR',
        cause,
      });
    }
  }

  event(event: RunEvent): void {
    const redacted = this.#redact(event);
    this.#journal.line(JSON.stringify(redacted));
    if (redacted.type === 'header') this.#flows = redacted.traffic.flows.map(({ name }) => name);
    else if (isAboutPhases(redacted)) this.#phases.event(redacted);
    this.#listener.event(redacted);
  }

  /** Rows in about the order of their end; flows are those of the header, which comes before. */
  samples(batch: SampleBatch): void {
    const redacted = { ...batch, texts: this.#redact(batch.texts) };
    this.#samples.begin(redacted, this.#flows);
    for (let row = 0; row < redacted.count; row++) {
      const sample = sampleAt(redacted, row, this.#flows);
      this.#samples.add(redacted, row, this.#phaseOf(sample));
      this.#listener.sample(sample);
    }
  }

  /** Name of the phase a sample belongs to, by what is known of the phases now. */
  #phaseOf(sample: Sample): string {
    const phase = attribute(sample, this.#phases);
    return phase === WARMUP ? 'warmup' : (this.#phases.phases[phase]?.name ?? '');
  }

  /** The log of a step's output; each line with its time, seconds since the run's start. */
  async stepLog(step: string): Promise<StepLog> {
    const names = this.#stepLogs;
    const base = fileNameOf(step);
    let name = `${base}.log`;
    for (let number = 2; names.has(name); number += 1) name = `${base}-${number}.log`;
    names.add(name);
    const file = await AppendFile.create(join(this.dir, STEPS_FOLDER, name), FLUSH_MS, this.#onError).catch((error) => {
      this.#onError(error as Error);
      return null;
    });
    if (file === null) return { line: () => {}, close: async () => {} };
    return {
      line: (at, text) => file.line(`${(at / 1000).toFixed(3).padStart(9)}  ${this.#redact(text)}`),
      close: () => file.close(),
    };
  }

  flush(): Promise<unknown> {
    return Promise.all([this.#journal.flush(), this.#samples.flush()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#journal.close(), this.#samples.close()]);
  }
}

export interface StepLog {
  line(at: number, text: string): void;
  close(): Promise<void>;
}

interface RecorderOptions {
  /** The same value with every secret in its strings made unreadable. */
  redact<T>(value: T): T;
  /** Sees everything that is recorded, as it will be read back. */
  listener: RecordListener;
  onFault(reason: string): void;
}

/** A step's name as a file name: letters, digits, dot, dash and underscore. */
function fileNameOf(step: string): string {
  return step.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '') || 'step';
}
