import { open } from 'node:fs/promises';
import { batchOf, dictionaryOf, type RecordedBatch } from './batch.js';
import { COLUMNS } from './columns.js';
import { FilePieces } from './file-pieces.js';
import { aligned, type BatchLayout, type Message, readMessage } from './message.js';

const METADATA_BYTES = 2 ** 20;
const BODY_BYTES = 2 ** 26;
const PREFIX_BYTES = 8;
const END_MARK = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** A file that is not what was written. */
export class Damaged extends Error {}

/**
 * Reads `samples.arrow` batch by batch; `flows` are the names of the header's flows. A batch is good until the next one
 * is asked for. Where the run was killed the last batch may be torn: it is left out. Damage anywhere else is a
 * `Damaged` error, and so is a batch that seems torn in a file that was closed in order.
 */
export async function* readSamples(path: string, flows: readonly string[]): AsyncGenerator<RecordedBatch> {
  const file = await open(path, 'r');
  try {
    const pieces = new FilePieces(file, (await file.stat()).size);
    const dictionaries = new Map<number, readonly string[]>();
    let batches = 0;
    for await (const { message, body } of messagesOf(pieces)) {
      if (message.kind === 'schema') checkColumns(message);
      else if (message.kind === 'dictionary') {
        dictionaries.set(message.id, await intact('a dictionary', () => dictionaryOf(message.batch, body)));
      } else {
        batches += 1;
        yield await intact(`batch ${batches}`, () => batchOf(message.batch, body, dictionaries, flows));
      }
    }
  } finally {
    await file.close();
  }
}

interface Read {
  message: Message;
  body: Uint8Array;
}

/** The messages of the stream, the schema first. */
async function* messagesOf(pieces: FilePieces): AsyncGenerator<Read> {
  const closed = await endsInOrder(pieces);
  let metadataLength: number | null = null;
  let first = true;
  while (pieces.left > 0) {
    if (pieces.left < PREFIX_BYTES) return torn(pieces, closed);
    const prefix = await pieces.take(PREFIX_BYTES);
    const length = lengthOf(prefix);
    if (length === 0) {
      if (pieces.left > 0) throw new Damaged('there is something behind its end');
      return;
    }
    // All batches have the same columns, so their metadata has the same length: another one is damage.
    if (pieces.left < length) return torn(pieces, closed || (metadataLength !== null && metadataLength !== length));
    const metadata = await pieces.take(length);
    const message = await intact('a message', () => readMessage(metadata));
    if (first !== (message.kind === 'schema')) throw new Damaged('it does not begin with its columns');
    first = false;
    if (message.kind === 'schema') {
      yield { message, body: new Uint8Array(0) };
      continue;
    }
    if (message.kind === 'batch') {
      metadataLength ??= length;
      if (length !== metadataLength) throw new Damaged(`a batch with ${length} bytes of metadata`);
    }
    const { bodyLength } = message.batch;
    if (bodyLength > BODY_BYTES) throw new Damaged(`a batch of ${bodyLength} bytes`);
    if (pieces.left < bodyLength) return torn(pieces, closed || !isWhole(message.batch));
    yield { message, body: await pieces.take(bodyLength) };
  }
}

/** Whether the stream has its end mark: then no batch can be torn. */
async function endsInOrder(pieces: FilePieces): Promise<boolean> {
  const tail = await pieces.tail(PREFIX_BYTES);
  return tail.length === PREFIX_BYTES && END_MARK.every((byte, index) => tail[index] === byte);
}

/** The length of the metadata that follows: a mark of four bytes, then the length, a multiple of eight. */
function lengthOf(prefix: Uint8Array): number {
  const view = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES);
  const length = view.getUint32(4, true);
  if (view.getUint32(0, true) !== 0xffffffff) throw new Damaged('a message does not begin where it should');
  if (length > METADATA_BYTES || length % 8 !== 0) throw new Damaged(`a message with ${length} bytes of metadata`);
  return length;
}

/**
 * Ends the reading at a last batch that is incomplete, where that can be: a torn batch has nothing behind it. What
 * begins like a message there means that it is a length that is wrong.
 */
async function torn(pieces: FilePieces, impossible: boolean): Promise<void> {
  if (impossible || hasMessage(await pieces.take(pieces.left))) {
    throw new Damaged('a batch is longer than what is there');
  }
}

function hasMessage(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + PREFIX_BYTES <= bytes.length; at += 8) {
    if (view.getUint32(at, true) !== 0xffffffff) continue;
    const from = at + PREFIX_BYTES;
    try {
      readMessage(bytes.subarray(from, from + view.getUint32(at + 4, true)));
      return true;
    } catch {
      // Four bytes of a value that look like the mark.
    }
  }
  return false;
}

/** Whether the sizes of a batch that is not all there agree with each other. */
function isWhole({ rows, nodes, buffers }: BatchLayout): boolean {
  if (nodes.length !== COLUMNS.length) return nodes.length === 1;
  let buffer = 0;
  return COLUMNS.every(({ kind }, index) => {
    if (nodes[index]?.rows !== rows) return false;
    const values = buffers[buffer + 1]?.length ?? -1;
    buffer += kind === 'utf8' ? 3 : 2;
    return aligned(values) === aligned(bytesFor(kind, rows));
  });
}

const BITS = { int64: 64, float64: 64, uint32: 32, uint16: 16, int16: 16, int8: 8, bool: 1, utf8: 32 } as const;

/** Bytes of a column's values; of its offsets, for texts. */
function bytesFor(kind: keyof typeof BITS, rows: number): number {
  return Math.ceil(((kind === 'utf8' ? rows + 1 : rows) * BITS[kind]) / 8);
}

function checkColumns({ columns }: Extract<Message, { kind: 'schema' }>): void {
  const same = columns.every(({ name, nullable, encoded }, index) => {
    const expected = COLUMNS[index];
    return name === expected?.name && nullable === expected.nullable && encoded === (expected.dictionary !== null);
  });
  if (!same || columns.length !== COLUMNS.length) throw new Damaged('it has other columns than this version writes');
}

async function intact<T>(what: string, read: () => T): Promise<T> {
  try {
    return read();
  } catch (cause) {
    throw new Damaged(`${what} is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
