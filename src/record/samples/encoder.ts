import {
  Bool,
  type DataType,
  Dictionary,
  Field,
  Float64,
  Int8,
  Int16,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Uint16,
  Uint32,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { COLUMNS, type Column } from './columns.js';

/** The values of one column: of the width its kind says; null rows are 0 in `validity` (a bitmap; null for no nulls). */
export interface ColumnValues {
  values: ArrayBufferView;
  /** Where each text begins, and at last its end; for texts only. */
  offsets?: Int32Array;
  validity?: Uint8Array | null;
  nulls?: number;
}

/** Makes the bytes of an Arrow IPC stream out of columns: the schema, the dictionaries, batches and the end mark. */
export class StreamEncoder extends RecordBatchStreamWriter {
  readonly #schema: Schema;
  readonly #types: DataType[];
  readonly #dictionaries = new Map<number, Vector>();
  #bytes: Uint8Array[] = [];

  constructor() {
    super();
    this.#types = COLUMNS.map(typeOf);
    const fields = COLUMNS.map(
      ({ name, nullable }, index) => new Field(name, this.#types[index] as DataType, nullable),
    );
    this.#schema = new Schema(fields);
    this.reset(undefined, this.#schema);
  }

  /** The next batch; `flows` are the texts of the flows' dictionary, the same each time. */
  batch(rows: number, columns: readonly ColumnValues[], flows: readonly string[]): void {
    const children = columns.map((column, index) => this.#dataOf(index, rows, column, flows));
    const type = new Struct(this.#schema.fields);
    this.write(new RecordBatch(this.#schema, makeData({ type, length: rows, nullCount: 0, children })));
  }

  /** Marks the end of the stream: nothing follows. */
  end(): void {
    this.finish();
  }

  /** What there is to write since the last call. Batches are not copied: they must not change afterwards. */
  take(): Uint8Array[] {
    const bytes = this.#bytes;
    this.#bytes = [];
    return bytes;
  }

  protected override _write(chunk: ArrayBufferView): this {
    if (chunk.byteLength > 0) this.#bytes.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    return this;
  }

  #dataOf(index: number, length: number, { values, offsets, validity, nulls }: ColumnValues, flows: readonly string[]) {
    const { dictionary } = COLUMNS[index] as Column;
    return makeData({
      type: this.#types[index] as DataType,
      length,
      nullCount: nulls ?? 0,
      nullBitmap: validity ?? null,
      data: values,
      ...(offsets === undefined ? {} : { valueOffsets: offsets }),
      ...(dictionary === null
        ? {}
        : { dictionary: this.#dictionary(index, dictionary === 'flows' ? flows : dictionary) }),
    } as Parameters<typeof makeData>[0]);
  }

  /** The same vector each time: it is written once. */
  #dictionary(index: number, texts: readonly string[]): Vector {
    const made = this.#dictionaries.get(index) ?? vectorFromArray([...texts], new Utf8());
    this.#dictionaries.set(index, made);
    return made;
  }
}

function typeOf({ kind, dictionary }: Column, index: number): DataType {
  if (dictionary !== null) return new Dictionary(new Utf8(), kind === 'int16' ? new Int16() : new Int8(), index);
  if (kind === 'int64') return new Int64();
  if (kind === 'uint32') return new Uint32();
  if (kind === 'uint16') return new Uint16();
  if (kind === 'float64') return new Float64();
  return kind === 'bool' ? new Bool() : new Utf8();
}
