import type { SampleBatch } from '../model/sample.js';

/** The samples of one shard, read batch by batch and handed out in pieces, in the conductor's time. */
export class Rows {
  readonly #batches: AsyncIterator<SampleBatch>;
  readonly #shiftMs: number;
  #batch: SampleBatch | null = null;
  #row = 0;

  constructor(batches: AsyncIterable<SampleBatch>, shiftMs: number) {
    this.#batches = batches[Symbol.asyncIterator]();
    this.#shiftMs = shiftMs;
  }

  /** Reads on where everything that was read was taken. */
  async load(): Promise<void> {
    while (this.#batch === null || this.#row === this.#batch.count) {
      const { value, done } = await this.#batches.next();
      this.#batch = done === true ? { ...EMPTY } : (value as SampleBatch);
      this.#row = 0;
      if (done === true) return;
    }
  }

  /** When the next sample ended; null where there is none. */
  get nextEndedAt(): number | null {
    const batch = this.#batch;
    if (batch === null || this.#row >= batch.count) return null;
    return (batch.endedAt[this.#row] as number) + this.#shiftMs;
  }

  /** The next sample and those after it in this batch that ended before `at`. */
  takeUntil(at: number): SampleBatch {
    const batch = this.#batch as SampleBatch;
    const from = this.#row;
    let to = from + 1;
    while (to < batch.count && (batch.endedAt[to] as number) + this.#shiftMs < at) to += 1;
    this.#row = to;
    return this.#piece(batch, from, to);
  }

  #piece(batch: SampleBatch, from: number, to: number): SampleBatch {
    const moved = (column: Float64Array): Float64Array =>
      column.slice(from, to).map((time) => (Number.isNaN(time) ? time : inMicroseconds(time + this.#shiftMs)));
    return {
      count: to - from,
      seq: batch.seq.slice(from, to),
      flow: batch.flow.slice(from, to),
      reused: batch.reused.slice(from, to),
      connectionId: batch.connectionId.slice(from, to),
      reuse: batch.reuse.slice(from, to),
      idleMs: batch.idleMs.slice(from, to),
      dueAt: moved(batch.dueAt),
      sentAt: moved(batch.sentAt),
      connectedAt: moved(batch.connectedAt),
      firstByteAt: moved(batch.firstByteAt),
      endedAt: moved(batch.endedAt),
      outcome: batch.outcome.slice(from, to),
      cause: batch.cause.slice(from, to),
      status: batch.status.slice(from, to),
      version: batch.version.slice(from, to),
      detail: batch.detail.slice(from, to),
      bytes: batch.bytes.slice(from, to),
      cached: batch.cached.slice(from, to),
      texts: batch.texts,
    };
  }
}

const NONE = new Float64Array(0);
const EMPTY: SampleBatch = {
  count: 0,
  seq: NONE,
  flow: new Uint16Array(0),
  reused: new Uint8Array(0),
  connectionId: new Uint32Array(0),
  reuse: new Uint32Array(0),
  idleMs: NONE,
  dueAt: NONE,
  sentAt: NONE,
  connectedAt: NONE,
  firstByteAt: NONE,
  endedAt: NONE,
  outcome: new Uint8Array(0),
  cause: new Uint8Array(0),
  status: new Uint16Array(0),
  version: new Uint16Array(0),
  detail: new Uint16Array(0),
  bytes: NONE,
  cached: new Uint8Array(0),
  texts: [],
};

/** As every time on record. */
export function inMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
