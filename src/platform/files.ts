import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import { every } from './clock.js';

/** Writes a whole file so that a reader sees the old one or the new one, never half of it. */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * A file that is only added to, in the order of the calls, and handed to the system at least every `flushMs`.
 * A write that fails (a full disk) is reported once and makes every later one a no-op.
 */
export class AppendFile {
  readonly #file: FileHandle;
  readonly #onError: (error: Error) => void;
  readonly #stopFlushing: () => void;
  #pending: (string | Uint8Array)[] = [];
  #writing: Promise<void> = Promise.resolve();
  #failed = false;

  private constructor(file: FileHandle, flushMs: number, onError: (error: Error) => void) {
    this.#file = file;
    this.#onError = onError;
    this.#stopFlushing = every(flushMs, () => void this.flush());
  }

  /** Creates the file; it must not exist yet. */
  static async create(path: string, flushMs: number, onError: (error: Error) => void): Promise<AppendFile> {
    return new AppendFile(await open(path, 'ax', 0o644), flushMs, onError);
  }

  /** Adds to a file that exists. */
  static async open(path: string, flushMs: number, onError: (error: Error) => void): Promise<AppendFile> {
    return new AppendFile(await open(path, 'a'), flushMs, onError);
  }

  line(text: string): void {
    if (!this.#failed) this.#pending.push(`${text}\n`);
  }

  /** Adds bytes, which must not change afterwards. */
  bytes(chunks: readonly Uint8Array[]): void {
    if (!this.#failed) for (const chunk of chunks) this.#pending.push(chunk);
  }

  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async close(): Promise<void> {
    this.#stopFlushing();
    await this.flush();
    await this.#file.datasync().catch(() => {});
    await this.#file.close();
  }

  async #write(): Promise<void> {
    if (this.#pending.length === 0 || this.#failed) return;
    const content = whole(this.#pending);
    this.#pending = [];
    try {
      await this.#file.appendFile(content);
    } catch (error) {
      this.#failed = true;
      this.#onError(error as Error);
    }
  }
}

function whole(pieces: readonly (string | Uint8Array)[]): string | Buffer {
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('');
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}
