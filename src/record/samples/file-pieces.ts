import type { FileHandle } from 'node:fs/promises';

const PIECE_BYTES = 2 ** 20;

/** A file read from its beginning, in pieces: what is held does not depend on its size. */
export class FilePieces {
  readonly #file: FileHandle;
  readonly #size: number;
  #piece = new Uint8Array(0);
  #from = 0;
  /** How much of the file has been read into pieces. */
  #read = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** Bytes that were not taken yet. */
  get left(): number {
    return this.#size - this.#read + (this.#piece.length - this.#from);
  }

  /** The next bytes, at most `left`. They begin at a multiple of eight in memory where all that was taken was one. */
  async take(length: number): Promise<Uint8Array> {
    if (this.#piece.length - this.#from < length) await this.#refill(length);
    const bytes = this.#piece.subarray(this.#from, this.#from + length);
    this.#from += length;
    return bytes;
  }

  /** The last bytes of the file. */
  async tail(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.min(length, this.#size));
    await readWhole(this.#file, bytes, 0, this.#size - bytes.length);
    return bytes;
  }

  async #refill(length: number): Promise<void> {
    const rest = this.#piece.subarray(this.#from);
    const toRead = Math.min(this.#size - this.#read, Math.max(PIECE_BYTES, length - rest.length));
    const piece = new Uint8Array(rest.length + toRead);
    piece.set(rest);
    await readWhole(this.#file, piece, rest.length, this.#read);
    this.#read += toRead;
    this.#piece = piece;
    this.#from = 0;
  }
}

/** Fills `into` from `at` on with what stands at `position`. */
async function readWhole(file: FileHandle, into: Uint8Array, at: number, position: number): Promise<void> {
  let done = at;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done - at);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    done += bytesRead;
  }
}
