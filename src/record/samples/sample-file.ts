import type { SampleBatch } from '../../model/sample.js';
import { every } from '../../platform/clock.js';
import { AppendFile } from '../../platform/files.js';
import { StreamEncoder } from './encoder.js';
import { SampleColumns } from './sample-columns.js';

/** Phase names that are kept in UTF-8. */
const NAMES_KEPT = 1000;

/**
 * `samples.arrow` as it is written: an Arrow IPC stream, one record batch for what came since the last flush. What a
 * batch holds is with the system once `flush` is done.
 */
export class SampleFile {
  readonly #file: AppendFile;
  readonly #stopFlushing: () => void;
  readonly #encoder = new StreamEncoder();
  readonly #names = new Map<string, Uint8Array>();
  #columns = new SampleColumns();
  #flows: readonly string[] = [];
  /** Of the batch that is being added. */
  #texts: Uint8Array[] = [];

  private constructor(file: AppendFile, flushMs: number) {
    this.#file = file;
    this.#file.bytes(this.#encoder.take());
    this.#stopFlushing = every(flushMs, () => void this.flush());
  }

  /** Creates the file, which must not exist yet. */
  static async create(path: string, flushMs: number, onError: (error: Error) => void): Promise<SampleFile> {
    return new SampleFile(await AppendFile.create(path, flushMs, onError), flushMs);
  }

  /** Rows of this batch come next. */
  begin({ texts }: SampleBatch, flows: readonly string[]): void {
    this.#flows = flows;
    this.#texts = texts.map((text) => Buffer.from(text));
  }

  /** Adds one row of the batch that was begun. */
  add(batch: SampleBatch, row: number, phase: string): void {
    this.#columns.add(batch, row, this.#texts, this.#name(phase));
    if (this.#columns.full) this.#seal();
  }

  flush(): Promise<void> {
    this.#seal();
    return this.#file.flush();
  }

  async close(): Promise<void> {
    this.#stopFlushing();
    this.#seal();
    this.#encoder.end();
    this.#file.bytes(this.#encoder.take());
    await this.#file.close();
  }

  #seal(): void {
    const columns = this.#columns;
    if (columns.rows === 0) return;
    this.#columns = new SampleColumns();
    this.#encoder.batch(columns.rows, columns.values(), this.#flows);
    this.#file.bytes(this.#encoder.take());
  }

  #name(phase: string): Uint8Array {
    let bytes = this.#names.get(phase);
    if (bytes === undefined) {
      bytes = Buffer.from(phase);
      if (this.#names.size < NAMES_KEPT) this.#names.set(phase, bytes);
    }
    return bytes;
  }
}
