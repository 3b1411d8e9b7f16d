/** Bytes of a body that are kept for expectations; the rest is read, counted and dropped. */
export const KEPT_BODY_BYTES = 16 * 1024 * 1024;
/** Bytes of one answer's headers, all together, that are read before it is given up. */
export const MAX_HEADER_BYTES = 64 * 1024;
/** Bytes of one answer's body that are read before it is given up. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Interim (1xx) answers that are read before the final one. */
export const MAX_INTERIM_ANSWERS = 10;

/** Names in lower case; a name that came more than once has its values joined by `, ` (`set-cookie`: by line breaks). */
export type AnswerHeaders = Record<string, string>;

/** What happened on the wire, without judgement. Times in ms since the run's start. */
export interface Exchange {
  /** The request was handed to its connection. */
  sentAt: number;
  /** The connection was ready and the request was written; null where it never came that far. */
  writtenAt: number | null;
  /** Status line and headers were read. */
  firstByteAt: number | null;
  endedAt: number;
  /** Requests that went before it on this connection. */
  reuse: number;
  idleMs: number;
  status: number | null;
  headers: AnswerHeaders;
  /** At most the first 16 MiB, only where the request asked for it. */
  body: Buffer | null;
  bytes: number;
  /** Any byte of the answer came. */
  answerBegun: boolean;
  /** Null where the whole answer came. */
  failure: WireFailure | null;
}

/** Whether its connection, which had carried others, ended before it was written: it is still to be sent, on another. */
export function isUnwritten({ failure, reuse }: Pick<Exchange, 'failure' | 'reuse'>): boolean {
  return failure?.how === 'connecting' && failure.code === 'GONE' && reuse > 0;
}

/**
 * How an exchange failed. `connecting`: before anything was written, with the system's code. `reset` and `closed`: RST
 * and FIN of the connection; `ofStream`: the HTTP/2 server reset the stream alone. `expired`: the time ran out, where it
 * was at that moment. `protocol`: bytes that are not the protocol, or beyond a bound. `goaway` and `refused-stream`: the
 * HTTP/2 server said that it did not process the request.
 */
export type WireFailure =
  | { how: 'connecting'; code: string; message: string }
  | { how: 'tls'; code: string; message: string }
  | { how: 'reset'; code: string; ofStream?: true }
  | { how: 'closed' }
  | { how: 'expired'; while: 'resolving' | 'connecting' | 'waiting' | 'headers' | 'body' }
  | { how: 'protocol'; message: string }
  | { how: 'goaway'; message: string }
  | { how: 'refused-stream'; message: string };
