import { FAILURE_CAUSES, type FailureCause, type Outcome, UNSENT_CAUSES, type UnsentCause } from './outcome.js';

/** First request on its connection, or a later one. */
export type ConnectionKind = 'fresh' | 'reused';

/**
 * One arrival of the schedule and what became of it. Times are milliseconds since the run's start, with
 * microsecond resolution; `null` where the request never came that far. An unsent arrival has no `sentAt`
 * and `endedAt` is the moment it was given up.
 */
export interface Sample {
  /** Number of the arrival in the schedule, from 0. */
  seq: number;
  flow: string;
  connection: ConnectionKind;
  /** Number of the connection, from 1; 0 where none was made. */
  connectionId: number;
  /** Requests sent on this connection before this one. */
  reuse: number;
  /** How long the connection had been idle; 0 for a fresh one. */
  idleMs: number;
  dueAt: number;
  sentAt: number | null;
  connectedAt: number | null;
  firstByteAt: number | null;
  endedAt: number;
  outcome: Outcome;
  /** Version of the release that answered, where the scenario says how to read it. */
  version: string | null;
  /** Bytes of the answer's body. */
  bytes: number;
  /** A cache answered in the app's place (`x-cache: HIT`, or an `Age` over 0). */
  cached: boolean;
}

export const OUTCOME_KINDS = ['ok', 'wrong', 'lost', 'retryable', 'blocked', 'unsent'] as const;
export const CAUSES = [...FAILURE_CAUSES, ...UNSENT_CAUSES] as const;

/**
 * Samples as columns: what a sending thread hands over, without an object for each. Every column has `count` entries.
 * A time that never came is NaN. `flow` is the flow's number in the header; `outcome` and `cause` are places in
 * `OUTCOME_KINDS` and `CAUSES` (255: none); `status` 0 is none; `version` and `detail` are places in `texts`, whose
 * first entry stands for none.
 */
export interface SampleBatch {
  count: number;
  seq: Float64Array;
  flow: Uint16Array;
  reused: Uint8Array;
  connectionId: Uint32Array;
  reuse: Uint32Array;
  idleMs: Float64Array;
  dueAt: Float64Array;
  sentAt: Float64Array;
  connectedAt: Float64Array;
  firstByteAt: Float64Array;
  endedAt: Float64Array;
  outcome: Uint8Array;
  cause: Uint8Array;
  status: Uint16Array;
  version: Uint16Array;
  detail: Uint16Array;
  bytes: Float64Array;
  cached: Uint8Array;
  texts: string[];
}

export const NO_CAUSE = 255;

/** One row of a batch as a sample; `flows` are the names of the header's flows. */
export function sampleAt(batch: SampleBatch, row: number, flows: readonly string[]): Sample {
  return {
    seq: batch.seq[row] as number,
    flow: flows[batch.flow[row] as number] ?? '',
    connection: batch.reused[row] === 1 ? 'reused' : 'fresh',
    connectionId: batch.connectionId[row] as number,
    reuse: batch.reuse[row] as number,
    idleMs: batch.idleMs[row] as number,
    dueAt: batch.dueAt[row] as number,
    sentAt: timeAt(batch.sentAt, row),
    connectedAt: timeAt(batch.connectedAt, row),
    firstByteAt: timeAt(batch.firstByteAt, row),
    endedAt: batch.endedAt[row] as number,
    outcome: outcomeAt(batch, row),
    version: textAt(batch, batch.version[row] as number),
    bytes: batch.bytes[row] as number,
    cached: batch.cached[row] === 1,
  };
}

function outcomeAt(batch: SampleBatch, row: number): Outcome {
  const kind = OUTCOME_KINDS[batch.outcome[row] as number];
  const status = batch.status[row] as number;
  if (kind === 'ok') return okOf(status);
  const detail = textAt(batch, batch.detail[row] as number) ?? '';
  if (kind === 'blocked') return { kind, status, detail };
  const cause = CAUSES[batch.cause[row] as number] as FailureCause | UnsentCause;
  if (kind === 'unsent') return { kind, cause: cause as UnsentCause, detail };
  return { kind, cause, status: status === 0 ? null : status, detail } as Outcome;
}

const OK = new Map<number, Outcome>();

/** Almost every outcome is this one: made once for each status. */
function okOf(status: number): Outcome {
  let outcome = OK.get(status);
  if (outcome === undefined) {
    outcome = { kind: 'ok', status };
    OK.set(status, outcome);
  }
  return outcome;
}

function timeAt(column: Float64Array, row: number): number | null {
  const time = column[row] as number;
  return Number.isNaN(time) ? null : time;
}

function textAt(batch: SampleBatch, place: number): string | null {
  return place === 0 ? null : (batch.texts[place] ?? null);
}
