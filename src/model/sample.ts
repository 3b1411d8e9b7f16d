import type { Outcome } from './outcome.js';

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
}

/** Column order of a row of `samples.ndjson`. */
export const SAMPLE_COLUMNS = [
  'seq',
  'flow',
  'connection',
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
  'detail',
  'version',
  'bytes',
] as const;

export type SampleRow = (string | number | null)[];

export function toRow(sample: Sample): SampleRow {
  const { outcome } = sample;
  return [
    sample.seq,
    sample.flow,
    sample.connection,
    sample.connectionId,
    sample.reuse,
    sample.idleMs,
    sample.dueAt,
    sample.sentAt,
    sample.connectedAt,
    sample.firstByteAt,
    sample.endedAt,
    outcome.kind,
    'cause' in outcome ? outcome.cause : null,
    'status' in outcome ? outcome.status : null,
    'detail' in outcome ? outcome.detail : null,
    sample.version,
    sample.bytes,
  ];
}

export function fromRow(row: SampleRow): Sample {
  if (row.length !== SAMPLE_COLUMNS.length)
    throw new RangeError(`a sample has ${SAMPLE_COLUMNS.length} columns, not ${row.length}`);
  const [
    seq,
    flow,
    connection,
    connectionId,
    reuse,
    idleMs,
    dueAt,
    sentAt,
    connectedAt,
    firstByteAt,
    endedAt,
    kind,
    cause,
    status,
    detail,
    version,
    bytes,
  ] = row;
  const outcome = { kind, ...(kind === 'ok' ? {} : { cause, detail }), ...(kind === 'unsent' ? {} : { status }) };
  return {
    seq,
    flow,
    connection,
    connectionId,
    reuse,
    idleMs,
    dueAt,
    sentAt,
    connectedAt,
    firstByteAt,
    endedAt,
    outcome,
    version,
    bytes,
  } as Sample;
}
