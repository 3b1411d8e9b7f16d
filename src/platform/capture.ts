import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { CUT } from '../model/cut.js';
import { every } from './clock.js';

export interface Line {
  /** When it was read: at most `POLL_MS` after it was written. */
  at: number;
  text: string;
}

const POLL_MS = 50;
const READ_BYTES = 256 * 1024;
const REMEMBERED_BYTES = 64;
/** A line longer than this is cut into several, once it was cleaned as a whole. */
const LINE_CHARS = 2000;
/** A line without an end is cleaned and passed on in pieces of this size; what could be the beginning of a secret waits. */
const PIECE_CHARS = 64 * 1024;
const HELD_BACK_CHARS = 8 * 1024;
/** Unread output beyond this is dropped, and said so: a step that floods its output must not fill the disk. */
const BACKLOG_BYTES = 8 * 1024 * 1024;

export interface CaptureOptions {
  onLine(line: Line): void;
  now(): number;
  /** Makes secrets unreadable; is given whole lines. */
  clean(text: string): string;
}

/**
 * Output of a command, read as it is written from a file that has no name. The file is emptied as it is read,
 * so it never grows past the backlog.
 */
export class Capture {
  readonly #file: FileHandle;
  readonly #onLine: (line: Line) => void;
  readonly #now: () => number;
  readonly #clean: (text: string) => string;
  readonly #decoder = new StringDecoder('utf8');
  readonly #stopPolling: () => void;
  #position = 0;
  /** The bytes before `#position`. */
  #lastRead: Buffer = Buffer.alloc(0);
  #partial = '';
  #droppedBytes = 0;
  #reading: Promise<void> = Promise.resolve();
  #busy = false;

  private constructor(file: FileHandle, options: CaptureOptions) {
    this.#file = file;
    this.#onLine = options.onLine;
    this.#now = options.now;
    this.#clean = options.clean;
    this.#stopPolling = every(POLL_MS, () => {
      // What cannot be read now is read at the end, or reported by it.
      if (!this.#busy) this.#reading = this.#read().catch(() => {});
    });
  }

  static async open(options: CaptureOptions): Promise<Capture> {
    const path = join(tmpdir(), `zdd-verify-${process.pid}-${randomBytes(6).toString('hex')}.out`);
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;
    const file = await open(path, flags, 0o600);
    await unlink(path);
    return new Capture(file, options);
  }

  /** Both output streams of the command are given this descriptor. */
  get fd(): number {
    return this.#file.fd;
  }

  /** Reads the rest; `droppedBytes` is at least what a flood made unreadable. */
  async close(): Promise<{ droppedBytes: number }> {
    this.#stopPolling();
    await this.#reading;
    await this.#read();
    this.#take(this.#decoder.end());
    if (this.#partial !== '') this.#emit(this.#partial);
    // What a daemon writes from now on is nobody's to read: give its space back once.
    await this.#file.truncate(0).catch(() => {});
    await this.#file.close();
    return { droppedBytes: this.#droppedBytes };
  }

  async #read(): Promise<void> {
    this.#busy = true;
    try {
      const { size } = await this.#file.stat();
      if (await this.#wasEmptied(size)) this.#position = 0;
      if (size - this.#position > BACKLOG_BYTES) {
        await this.#readUpTo(this.#position + READ_BYTES);
        const { size: sizeNow } = await this.#file.stat();
        // What is written between these two calls is dropped and not counted: the number is a lower bound.
        await this.#file.truncate(0);
        this.#droppedBytes += sizeNow - this.#position;
        this.#position = 0;
        this.#partial += CUT;
        return;
      }
      await this.#readUpTo(size);
      if (this.#position > BACKLOG_BYTES) {
        const { size: sizeNow } = await this.#file.stat();
        if (sizeNow === this.#position) {
          await this.#file.truncate(0);
          this.#position = 0;
        }
      }
    } finally {
      this.#busy = false;
    }
  }

  /** `echo > /dev/stderr` in a script opens the file anew and empties it: what was read last is no longer there. */
  async #wasEmptied(size: number): Promise<boolean> {
    if (size < this.#position) return true;
    const before = Buffer.alloc(Math.min(this.#lastRead.length, this.#position));
    await this.#file.read(before, 0, before.length, this.#position - before.length);
    return !before.equals(this.#lastRead.subarray(this.#lastRead.length - before.length));
  }

  async #readUpTo(end: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, end - this.#position)));
    while (this.#position < end) {
      const { bytesRead } = await this.#file.read(
        buffer,
        0,
        Math.min(buffer.length, end - this.#position),
        this.#position,
      );
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      this.#lastRead = Buffer.concat([this.#lastRead, buffer.subarray(0, bytesRead)]).subarray(-REMEMBERED_BYTES);
      this.#take(this.#decoder.write(buffer.subarray(0, bytesRead)));
    }
  }

  #take(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() as string;
    for (const line of lines) this.#emit(line);
    if (this.#partial.length > PIECE_CHARS) {
      const cleaned = this.#clean(this.#partial);
      const cut = Math.max(0, cleaned.length - HELD_BACK_CHARS);
      this.#partial = cleaned.slice(cut);
      this.#emit(cleaned.slice(0, cut));
    }
  }

  #emit(line: string): void {
    const at = this.#now();
    const text = this.#clean(line.endsWith('\r') ? line.slice(0, -1) : line);
    for (let start = 0; start === 0 || start < text.length; start += LINE_CHARS) {
      this.#onLine({ at, text: text.slice(start, start + LINE_CHARS) });
    }
  }
}
