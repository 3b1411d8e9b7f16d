import { NO_CAUSE, type SampleBatch } from '../../model/sample.js';
import { BATCH_ROWS, BATCH_TEXT_BYTES } from './columns.js';
import type { ColumnValues } from './encoder.js';

const NO_TEXT = new Uint8Array(0);
const ABSENT = -1;

/** Samples on their way into one batch of the file, in columns as the file has them. */
export class SampleColumns {
  rows = 0;
  /** Halves of 64-bit numbers, the lower one first. */
  readonly #seq = new Uint32Array(2 * BATCH_ROWS);
  readonly #bytes = new Uint32Array(2 * BATCH_ROWS);
  readonly #flow = new Int16Array(BATCH_ROWS);
  readonly #connection = new Int8Array(BATCH_ROWS);
  readonly #connectionId = new Uint32Array(BATCH_ROWS);
  readonly #reuse = new Uint32Array(BATCH_ROWS);
  readonly #idle = new Float64Array(BATCH_ROWS);
  readonly #due = new Float64Array(BATCH_ROWS);
  readonly #sent = new Float64Array(BATCH_ROWS);
  readonly #connected = new Float64Array(BATCH_ROWS);
  readonly #firstByte = new Float64Array(BATCH_ROWS);
  readonly #ended = new Float64Array(BATCH_ROWS);
  readonly #outcome = new Int8Array(BATCH_ROWS);
  readonly #cause = new Int8Array(BATCH_ROWS);
  readonly #status = new Uint16Array(BATCH_ROWS);
  readonly #cached = new Uint8Array(BATCH_ROWS);
  readonly #detail = new TextColumn();
  readonly #version = new TextColumn();
  readonly #phase = new TextColumn();

  get full(): boolean {
    const texts = Math.max(this.#detail.size, this.#version.size, this.#phase.size);
    return this.rows === BATCH_ROWS || texts >= BATCH_TEXT_BYTES;
  }

  /** Adds one row of a batch; `texts` are its texts in UTF-8, and so is the phase's name. */
  add(batch: SampleBatch, row: number, texts: readonly Uint8Array[], phase: Uint8Array): void {
    const at = this.rows++;
    setInt64(this.#seq, at, batch.seq[row] as number);
    setInt64(this.#bytes, at, batch.bytes[row] as number);
    this.#flow[at] = batch.flow[row] as number;
    this.#connection[at] = batch.reused[row] as number;
    this.#connectionId[at] = batch.connectionId[row] as number;
    this.#reuse[at] = batch.reuse[row] as number;
    this.#idle[at] = batch.idleMs[row] as number;
    this.#due[at] = batch.dueAt[row] as number;
    this.#sent[at] = batch.sentAt[row] as number;
    this.#connected[at] = batch.connectedAt[row] as number;
    this.#firstByte[at] = batch.firstByteAt[row] as number;
    this.#ended[at] = batch.endedAt[row] as number;
    this.#outcome[at] = batch.outcome[row] as number;
    this.#cause[at] = batch.cause[row] === NO_CAUSE ? ABSENT : (batch.cause[row] as number);
    this.#status[at] = batch.status[row] as number;
    this.#cached[at] = batch.cached[row] as number;
    this.#detail.add(at, textOf(texts, batch.detail[row] as number));
    this.#version.add(at, textOf(texts, batch.version[row] as number));
    this.#phase.add(at, phase);
  }

  /** The columns in the file's order. */
  values(): ColumnValues[] {
    const { rows } = this;
    return [
      { values: new BigInt64Array(this.#seq.buffer, 0, rows) },
      { values: this.#flow.subarray(0, rows) },
      { values: this.#connection.subarray(0, rows) },
      { values: this.#connectionId.subarray(0, rows) },
      { values: this.#reuse.subarray(0, rows) },
      { values: this.#idle.subarray(0, rows) },
      { values: this.#due.subarray(0, rows) },
      times(this.#sent, rows),
      times(this.#connected, rows),
      times(this.#firstByte, rows),
      { values: this.#ended.subarray(0, rows) },
      { values: this.#outcome.subarray(0, rows) },
      this.#causes(),
      { values: this.#status.subarray(0, rows), ...nullsWhere(rows, (row) => this.#status[row] === 0) },
      this.#detail.values(rows),
      this.#version.values(rows),
      { values: new BigInt64Array(this.#bytes.buffer, 0, rows) },
      { values: packed(rows, (row) => this.#cached[row] === 1) },
      this.#phase.values(rows),
    ];
  }

  #causes(): ColumnValues {
    const values = this.#cause.subarray(0, this.rows);
    const nulls = nullsWhere(this.rows, (row) => values[row] === ABSENT);
    // Readers may look a key up before they look whether it is there at all.
    for (let row = 0; row < values.length; row++) if (values[row] === ABSENT) values[row] = 0;
    return { values, ...nulls };
  }
}

/** Texts one after the other, and where each begins. An absent text is null. */
class TextColumn {
  size = 0;
  #bytes = new Uint8Array(4096);
  readonly #offsets = new Int32Array(BATCH_ROWS + 1);
  readonly #absent = new Uint8Array(BATCH_ROWS);

  add(row: number, text: Uint8Array | null): void {
    if (text === null) this.#absent[row] = 1;
    else this.#append(text);
    this.#offsets[row + 1] = this.size;
  }

  values(rows: number): ColumnValues {
    return {
      values: this.#bytes.subarray(0, this.size),
      offsets: this.#offsets.subarray(0, rows + 1),
      ...nullsWhere(rows, (row) => this.#absent[row] === 1),
    };
  }

  #append(text: Uint8Array): void {
    const end = this.size + text.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    // Most texts are a few bytes, for which a loop is faster than `set`.
    if (text.length > 32) this.#bytes.set(text, this.size);
    else for (let index = 0; index < text.length; index++) this.#bytes[this.size + index] = text[index] as number;
    this.size = end;
  }
}

function textOf(texts: readonly Uint8Array[], place: number): Uint8Array | null {
  return place === 0 ? null : (texts[place] ?? NO_TEXT);
}

function setInt64(halves: Uint32Array, at: number, value: number): void {
  halves[2 * at] = value % 2 ** 32;
  halves[2 * at + 1] = Math.floor(value / 2 ** 32);
}

function times(column: Float64Array, rows: number): ColumnValues {
  const values = column.subarray(0, rows);
  return { values, ...nullsWhere(rows, (row) => Number.isNaN(values[row])) };
}

function nullsWhere(rows: number, isNull: (row: number) => boolean): { validity: Uint8Array | null; nulls: number } {
  let nulls = 0;
  for (let row = 0; row < rows; row++) if (isNull(row)) nulls++;
  return { nulls, validity: nulls === 0 ? null : packed(rows, (row) => !isNull(row)) };
}

/** Bits, the lowest first, in whole groups of eight bytes. */
function packed(rows: number, isSet: (row: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(rows / 64) * 8);
  for (let row = 0; row < rows; row++) {
    if (isSet(row)) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  }
  return bits;
}
