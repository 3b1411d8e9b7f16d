import type { Outcome } from '../model/outcome.js';
import { CAUSES, NO_CAUSE, OUTCOME_KINDS, type SampleBatch } from '../model/sample.js';

/** One row, with the flow as its number. Times in ms since the run's start; NaN where the request never came so far. */
export interface Row {
  seq: number;
  flow: number;
  reused: boolean;
  connectionId: number;
  reuse: number;
  idleMs: number;
  dueAt: number;
  sentAt: number;
  connectedAt: number;
  firstByteAt: number;
  endedAt: number;
  outcome: Outcome;
  version: string | null;
  bytes: number;
  cached: boolean;
}

/** Rows of one batch at most. */
const CAPACITY = 4096;

const KIND = new Map(OUTCOME_KINDS.map((kind, index) => [kind, index]));
const CAUSE = new Map<string, number>(CAUSES.map((cause, index) => [cause, index]));

/** Collects samples as columns until they are taken. */
export class SampleColumns {
  #batch = emptyBatch(CAPACITY);
  #texts = new Map<string, number>();

  get count(): number {
    return this.#batch.count;
  }

  get isFull(): boolean {
    return this.#batch.count >= CAPACITY;
  }

  add(row: Row): void {
    const batch = this.#batch;
    const at = batch.count;
    const { outcome } = row;
    batch.count = at + 1;
    batch.seq[at] = row.seq;
    batch.flow[at] = row.flow;
    batch.reused[at] = row.reused ? 1 : 0;
    batch.connectionId[at] = row.connectionId;
    batch.reuse[at] = row.reuse;
    batch.idleMs[at] = row.idleMs;
    batch.dueAt[at] = row.dueAt;
    batch.sentAt[at] = row.sentAt;
    batch.connectedAt[at] = row.connectedAt;
    batch.firstByteAt[at] = row.firstByteAt;
    batch.endedAt[at] = row.endedAt;
    batch.outcome[at] = KIND.get(outcome.kind) as number;
    batch.cause[at] = 'cause' in outcome ? (CAUSE.get(outcome.cause) as number) : NO_CAUSE;
    batch.status[at] = 'status' in outcome ? (outcome.status ?? 0) : 0;
    batch.version[at] = this.#text(row.version);
    batch.detail[at] = this.#text('detail' in outcome ? outcome.detail : null);
    batch.bytes[at] = row.bytes;
    batch.cached[at] = row.cached ? 1 : 0;
  }

  /** What was collected, in buffers of its own; the collection is empty again. */
  take(): SampleBatch {
    const batch = this.#batch;
    const { count, texts } = batch;
    const taken = { count, texts } as SampleBatch;
    for (const name of COLUMNS) (taken as unknown as Record<string, unknown>)[name] = batch[name].slice(0, count);
    batch.count = 0;
    batch.texts = [''];
    this.#texts = new Map();
    return taken;
  }

  /** Two texts a row at most: their places fit 16 bits. */
  #text(text: string | null): number {
    if (text === null) return 0;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const place = this.#batch.texts.push(text) - 1;
    this.#texts.set(text, place);
    return place;
  }
}

/** The buffers of a batch, to be handed over without copying. */
export function buffersOf(batch: SampleBatch): ArrayBuffer[] {
  return COLUMNS.map((name) => batch[name].buffer as ArrayBuffer);
}

function emptyBatch(capacity: number): SampleBatch {
  return {
    count: 0,
    seq: new Float64Array(capacity),
    flow: new Uint16Array(capacity),
    reused: new Uint8Array(capacity),
    connectionId: new Uint32Array(capacity),
    reuse: new Uint32Array(capacity),
    idleMs: new Float64Array(capacity),
    dueAt: new Float64Array(capacity),
    sentAt: new Float64Array(capacity),
    connectedAt: new Float64Array(capacity),
    firstByteAt: new Float64Array(capacity),
    endedAt: new Float64Array(capacity),
    outcome: new Uint8Array(capacity),
    cause: new Uint8Array(capacity),
    status: new Uint16Array(capacity),
    version: new Uint16Array(capacity),
    detail: new Uint16Array(capacity),
    bytes: new Float64Array(capacity),
    cached: new Uint8Array(capacity),
    texts: [''],
  };
}

const COLUMNS = [
  'seq',
  'flow',
  'reused',
  'connectionId',
  'reuse',
  'idleMs',
  'dueAt',
  'sentAt',
  'connectedAt',
  'firstByteAt',
  'endedAt',
  'outcome',
  'cause',
  'status',
  'version',
  'detail',
  'bytes',
  'cached',
] as const;
