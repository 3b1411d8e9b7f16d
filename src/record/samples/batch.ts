import { CAUSES, NO_CAUSE, OUTCOME_KINDS, type SampleBatch } from '../../model/sample.js';
import { COLUMNS, type Column } from './columns.js';
import { aligned, type BatchLayout } from './message.js';

/** A batch as it was recorded, with the place of each row's phase in `texts`. */
export interface RecordedBatch extends SampleBatch {
  phase: Uint16Array;
}

/** Rows of a batch, and texts of a dictionary, at most: far more than is ever written. */
const ROWS = 2 ** 16;

/** The texts of a dictionary. */
export function dictionaryOf(layout: BatchLayout, body: Uint8Array): string[] {
  const [texts] = columnsOf(layout, body, [{ kind: 'utf8' }]);
  const { rows } = layout;
  return Array.from({ length: rows }, (_, row) => utf8(texts as RawColumn, row));
}

/** A batch of samples out of its bytes; whatever does not fit throws. */
export function batchOf(
  layout: BatchLayout,
  body: Uint8Array,
  dictionaries: ReadonlyMap<number, readonly string[]>,
  flows: readonly string[],
): RecordedBatch {
  const { rows } = layout;
  const raw = columnsOf(layout, body, COLUMNS);
  const column = (name: string): RawColumn => raw[NUMBERS.get(name) as number] as RawColumn;
  const keys = (name: string, texts: readonly string[]) =>
    keysOf(column(name), rows, placesOf(dictionaries.get(NUMBERS.get(name) as number), texts));
  const texts = new Texts();
  return {
    count: rows,
    seq: numbersOf(column('seq'), rows),
    flow: keys('flow', flows),
    reused: Uint8Array.from(keys('connection', ['fresh', 'reused'])),
    connectionId: view(Uint32Array, column('connection_id'), rows),
    reuse: view(Uint32Array, column('reuse'), rows),
    idleMs: view(Float64Array, column('idle_ms'), rows),
    dueAt: view(Float64Array, column('due_ms'), rows),
    sentAt: timesOf(column('sent_ms'), rows),
    connectedAt: timesOf(column('connected_ms'), rows),
    firstByteAt: timesOf(column('first_byte_ms'), rows),
    endedAt: view(Float64Array, column('ended_ms'), rows),
    outcome: Uint8Array.from(keys('outcome', OUTCOME_KINDS)),
    cause: causesOf(column('cause'), keys('cause', CAUSES)),
    status: statusesOf(column('status'), rows),
    version: texts.places(column('version'), rows),
    detail: texts.places(column('detail'), rows),
    phase: texts.places(column('phase'), rows),
    bytes: numbersOf(column('bytes'), rows),
    cached: Uint8Array.from({ length: rows }, (_, row) => bit(column('cached').values, row)),
    texts: texts.all,
  };
}

const NUMBERS = new Map(COLUMNS.map(({ name }, index) => [name, index]));

/** A column's bytes: `validity` is empty where no row is null; `offsets` are there for texts. */
interface RawColumn {
  validity: Uint8Array;
  offsets: Int32Array;
  values: Uint8Array;
}

const NO_OFFSETS = new Int32Array(0);
const BITS = { int64: 64, float64: 64, uint32: 32, uint16: 16, int16: 16, int8: 8, bool: 1 } as const;

function columnsOf(layout: BatchLayout, body: Uint8Array, columns: readonly Pick<Column, 'kind'>[]): RawColumn[] {
  const { rows, nodes, buffers } = layout;
  if (rows > ROWS || nodes.length !== columns.length) throw new Error(`${rows} rows in ${nodes.length} columns`);
  let next = 0;
  const take = (bytes: number): Uint8Array => {
    const buffer = buffers[next++];
    if (buffer === undefined || aligned(buffer.length) !== aligned(bytes)) {
      throw new Error(`${buffer?.length} bytes where ${bytes} are needed`);
    }
    return body.subarray(buffer.offset, buffer.offset + bytes);
  };
  const raw = columns.map(({ kind }, index) => {
    const node = nodes[index] as { rows: number; nulls: number };
    if (node.rows !== rows || node.nulls > rows) throw new Error(`a column of ${node.rows} rows`);
    const validity = take(node.nulls === 0 ? 0 : Math.ceil(rows / 8));
    if (kind !== 'utf8') return { validity, offsets: NO_OFFSETS, values: take(Math.ceil((rows * BITS[kind]) / 8)) };
    const offsets = asInt32(take((rows + 1) * 4));
    return { validity, offsets, values: take(checkedEnd(offsets)) };
  });
  if (next !== buffers.length) throw new Error(`${buffers.length} buffers`);
  return raw;
}

function asInt32(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** The end of the last text, once every text is known to begin where the one before it ends. */
function checkedEnd(offsets: Int32Array): number {
  let end = 0;
  for (const offset of offsets) {
    if (offset < end) throw new Error('texts that overlap');
    end = offset;
  }
  if (offsets[0] !== 0) throw new Error('texts that begin nowhere');
  return end;
}

function view<T>(
  type: new (buffer: ArrayBufferLike, at: number, length: number) => T,
  column: RawColumn,
  rows: number,
): T {
  return new type(column.values.buffer, column.values.byteOffset, rows);
}

function bit(bits: Uint8Array, row: number): number {
  return ((bits[row >> 3] as number) >> (row & 7)) & 1;
}

function isNull({ validity }: RawColumn, row: number): boolean {
  return validity.length > 0 && bit(validity, row) === 0;
}

/** Numbers of 64 bits. */
function numbersOf(column: RawColumn, rows: number): Float64Array {
  const halves = view(Int32Array, column, 2 * rows);
  const numbers = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    numbers[row] = (halves[2 * row + 1] as number) * 2 ** 32 + ((halves[2 * row] as number) >>> 0);
  }
  return numbers;
}

function timesOf(column: RawColumn, rows: number): Float64Array {
  const times = view(Float64Array, column, rows);
  if (column.validity.length === 0) return times;
  return times.map((time, row) => (isNull(column, row) ? Number.NaN : time));
}

function statusesOf(column: RawColumn, rows: number): Uint16Array {
  return view(Uint16Array, column, rows).map((status, row) => (isNull(column, row) ? 0 : status));
}

/** Where each text of a file's dictionary stands in ours. */
function placesOf(dictionary: readonly string[] | undefined, texts: readonly string[]): number[] {
  if (dictionary === undefined) throw new Error('a dictionary is missing');
  return dictionary.map((text) => {
    const place = texts.indexOf(text);
    if (place === -1) throw new Error(`"${text.slice(0, 60)}" is none of ${texts.join(', ').slice(0, 200)}`);
    return place;
  });
}

/** The keys of a dictionary column as places in our own texts. */
function keysOf(column: RawColumn, rows: number, places: readonly number[]): Uint16Array {
  const wide = column.values.length === 2 * rows;
  const keys = wide ? view(Int16Array, column, rows) : view(Int8Array, column, rows);
  const found = new Uint16Array(rows);
  for (let row = 0; row < rows; row++) {
    const place = places[keys[row] as number];
    if (place === undefined) throw new Error(`a key ${keys[row]} that its dictionary does not have`);
    found[row] = place;
  }
  return found;
}

function causesOf(column: RawColumn, keys: Uint16Array): Uint8Array {
  const causes = Uint8Array.from(keys);
  for (let row = 0; row < causes.length; row++) if (isNull(column, row)) causes[row] = NO_CAUSE;
  return causes;
}

function utf8({ offsets, values }: RawColumn, row: number): string {
  const bytes = values.subarray(offsets[row], offsets[row + 1]);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/** How many of the last different texts of a column are compared as bytes. */
const RECENT = 4;

/** The texts of a batch, each one kept once; the first place stands for none. */
class Texts {
  readonly all: string[] = [''];
  readonly #places = new Map<string, number>();

  places(column: RawColumn, rows: number): Uint16Array {
    const places = new Uint16Array(rows);
    const recent: number[] = [];
    for (let row = 0; row < rows; row++) {
      if (isNull(column, row)) continue;
      const same = recent.find((other) => sameText(column, other, row));
      if (same === undefined) {
        places[row] = this.#place(utf8(column, row));
        if (recent.push(row) > RECENT) recent.shift();
      } else places[row] = places[same] as number;
    }
    return places;
  }

  #place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.all.push(text) - 1;
    if (place > 0xffff) throw new Error('too many different texts');
    this.#places.set(text, place);
    return place;
  }
}

function sameText({ offsets, values }: RawColumn, a: number, b: number): boolean {
  const [fromA, fromB] = [offsets[a] as number, offsets[b] as number];
  const length = (offsets[a + 1] as number) - fromA;
  if ((offsets[b + 1] as number) - fromB !== length) return false;
  for (let index = 0; index < length; index++) if (values[fromA + index] !== values[fromB + index]) return false;
  return true;
}
