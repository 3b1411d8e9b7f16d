import { createRequire } from 'node:module';
import type { DataType, Schema, Vector } from 'apache-arrow';
import { COLUMNS, type Column } from './columns.js';

// Its ES modules are read all at once, over a hundred files: too many where descriptors are few.
const arrow = createRequire(import.meta.url)('apache-arrow') as typeof import('apache-arrow');

/** The values of one column: of the width its kind says; null rows are 0 in `validity` (a bitmap; null for no nulls). */
export interface ColumnValues {
  values: ArrayBufferView;
  /** Where each text begins, and at last its end; for texts only. */
  offsets?: Int32Array;
  validity?: Uint8Array | null;
  nulls?: number;
}

/** Makes the bytes of an Arrow IPC stream out of columns: the schema, the dictionaries, batches and the end mark. */
export class StreamEncoder extends arrow.RecordBatchStreamWriter {
  readonly #schema: Schema;
  readonly #types: DataType[];
  readonly #dictionaries = new Map<number, Vector>();
  #bytes: Uint8Array[] = [];

  constructor() {
    super();
    this.#types = COLUMNS.map(typeOf);
    const fields = COLUMNS.map(
      ({ name, nullable }, index) => new arrow.Field(name, this.#types[index] as DataType, nullable),
    );
    this.#schema = new arrow.Schema(fields);
    this.reset(undefined, this.#schema);
  }

  /** The next batch; `flows` are the texts of the flows' dictionary, the same each time. */
  batch(rows: number, columns: readonly ColumnValues[], flows: readonly string[]): void {
    const children = columns.map((column, index) => this.#dataOf(index, rows, column, flows));
    const type = new arrow.Struct(this.#schema.fields);
    this.write(new arrow.RecordBatch(this.#schema, arrow.makeData({ type, length: rows, nullCount: 0, children })));
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
    return arrow.makeData({
      type: this.#types[index] as DataType,
      length,
      nullCount: nulls ?? 0,
      nullBitmap: validity ?? null,
      data: values,
      ...(offsets === undefined ? {} : { valueOffsets: offsets }),
      ...(dictionary === null
        ? {}
        : { dictionary: this.#dictionary(index, dictionary === 'flows' ? flows : dictionary) }),
    } as Parameters<typeof arrow.makeData>[0]);
  }

  /** The same vector each time: it is written once. */
  #dictionary(index: number, texts: readonly string[]): Vector {
    const made = this.#dictionaries.get(index) ?? arrow.vectorFromArray([...texts], new arrow.Utf8());
    this.#dictionaries.set(index, made);
    return made;
  }
}

function typeOf({ kind, dictionary }: Column, index: number): DataType {
  if (dictionary !== null)
    return new arrow.Dictionary(new arrow.Utf8(), kind === 'int16' ? new arrow.Int16() : new arrow.Int8(), index);
  if (kind === 'int64') return new arrow.Int64();
  if (kind === 'uint32') return new arrow.Uint32();
  if (kind === 'uint16') return new arrow.Uint16();
  if (kind === 'float64') return new arrow.Float64();
  return kind === 'bool' ? new arrow.Bool() : new arrow.Utf8();
}
