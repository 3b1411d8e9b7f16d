/**
 * The metadata of an Arrow IPC message, as far as our own files use it: a flatbuffer (Message.fbs, Schema.fbs of the
 * Arrow format). A damaged file is normal input, so every offset, count and length is held against its bounds
 * before it is used; what does not fit throws.
 */
export type Message =
  | { kind: 'schema'; columns: { name: string; nullable: boolean; encoded: boolean }[] }
  | { kind: 'dictionary'; id: number; batch: BatchLayout }
  | { kind: 'batch'; batch: BatchLayout };

export interface BatchLayout {
  rows: number;
  nodes: { rows: number; nulls: number }[];
  buffers: { offset: number; length: number }[];
  bodyLength: number;
}

/** Fields, nodes or buffers in one message at most. */
const ENTRIES = 256;
const NAME_BYTES = 200;
const HEADER = { schema: 1, dictionary: 2, batch: 3 } as const;

export function readMessage(metadata: Uint8Array): Message {
  const view = new DataView(metadata.buffer, metadata.byteOffset, metadata.byteLength);
  const message = tableAt(view, 0);
  const type = byte(message, 1);
  const header = child(message, 2);
  const bodyLength = int64(message, 3);
  if (type === HEADER.schema) return { kind: 'schema', columns: tables(header, 1).map(columnOf) };
  if (type === HEADER.batch) return { kind: 'batch', batch: layoutOf(header, bodyLength) };
  if (type !== HEADER.dictionary) throw new Error(`an unknown kind of message: ${type}`);
  if (byte(header, 2) !== 0) throw new Error('a dictionary that changes');
  return { kind: 'dictionary', id: int64(header, 0), batch: layoutOf(child(header, 1), bodyLength) };
}

function columnOf(field: Table): { name: string; nullable: boolean; encoded: boolean } {
  return { name: text(field, 0), nullable: byte(field, 1) === 1, encoded: slot(field, 4) !== 0 };
}

/** Buffers follow each other without holes, and fill the body. */
function layoutOf(batch: Table, bodyLength: number): BatchLayout {
  if (slot(batch, 3) !== 0) throw new Error('a compressed batch');
  const nodes = structs(batch, 1).map(([rows, nulls]) => ({ rows, nulls }));
  const buffers = structs(batch, 2).map(([offset, length]) => ({ offset, length }));
  let end = 0;
  for (const { offset, length } of buffers) {
    if (offset !== end) throw new Error('buffers that do not follow each other');
    end = aligned(offset + length);
  }
  if (end !== bodyLength) throw new Error(`a body of ${bodyLength} bytes for buffers of ${end}`);
  return { rows: int64(batch, 0), nodes, buffers, bodyLength };
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** A flatbuffer table: where it is, and where its list of slots is. */
interface Table {
  view: DataView;
  at: number;
  slots: number;
  slotsEnd: number;
}

/** The table that the offset at `at` leads to. Reading outside of the bytes throws. */
function tableAt(view: DataView, at: number): Table {
  const table = at + view.getUint32(at, true);
  const slots = table - view.getInt32(table, true);
  return { view, at: table, slots, slotsEnd: slots + view.getUint16(slots, true) };
}

/** Position of a field's value; 0 where it is not there. */
function slot({ view, at, slots, slotsEnd }: Table, index: number): number {
  const place = slots + 4 + 2 * index;
  if (place + 2 > slotsEnd) return 0;
  const offset = view.getUint16(place, true);
  return offset === 0 ? 0 : at + offset;
}

function byte(table: Table, index: number): number {
  const at = slot(table, index);
  return at === 0 ? 0 : table.view.getUint8(at);
}

function int64(table: Table, index: number): number {
  const at = slot(table, index);
  return at === 0 ? 0 : count(table.view, at);
}

function count(view: DataView, at: number): number {
  const value = Number(view.getBigInt64(at, true));
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`an impossible count: ${value}`);
  return value;
}

function child(table: Table, index: number): Table {
  const at = slot(table, index);
  if (at === 0) throw new Error('a part is missing');
  return tableAt(table.view, at);
}

/** A vector's first element and length. */
function vector(table: Table, index: number, atMost: number): { first: number; length: number } {
  const at = slot(table, index);
  if (at === 0) return { first: 0, length: 0 };
  const place = at + table.view.getUint32(at, true);
  const length = table.view.getUint32(place, true);
  if (length > atMost) throw new Error(`a list of ${length} entries`);
  return { first: place + 4, length };
}

function tables(table: Table, index: number): Table[] {
  const { first, length } = vector(table, index, ENTRIES);
  return Array.from({ length }, (_, entry) => tableAt(table.view, first + 4 * entry));
}

/** Pairs of counts. */
function structs(table: Table, index: number): [number, number][] {
  const { first, length } = vector(table, index, ENTRIES);
  return Array.from({ length }, (_, entry) => {
    const at = first + 16 * entry;
    return [count(table.view, at), count(table.view, at + 8)];
  });
}

function text(table: Table, index: number): string {
  const { first, length } = vector(table, index, NAME_BYTES);
  let name = '';
  for (let at = first; at < first + length; at++) name += String.fromCharCode(table.view.getUint8(at));
  return name;
}
