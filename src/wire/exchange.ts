import type { IncomingHttpHeaders } from 'node:http';
import type { Connection } from './connection.js';
import type { RequestPlan } from './plan.js';

/** Bytes of a body that are kept for expectations; the rest is read, counted and dropped. */
export const KEPT_BODY_BYTES = 16 * 1024 * 1024;

const MAX_INTERIM_ANSWERS = 10;

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
  headers: IncomingHttpHeaders;
  /** At most the first 16 MiB, only where the plan needs it. */
  body: Buffer | null;
  bytes: number;
  /** Any byte of the answer came. */
  answerBegun: boolean;
  /** The time ran out while the target's name was still being looked up. */
  resolving: boolean;
  /** The time ran out; `error` is then what the abort caused. */
  timedOut: boolean;
  /** Null where the whole answer came. */
  error: NodeJS.ErrnoException | null;
}

/** An exchange under way. */
export interface Pending {
  readonly sentAt: number;
  /** Gives it up: it ends as timed out. */
  expire(): void;
}

/** Sends one request on a connection; `done` is called once, whatever happens, and never throws for the app's deeds. */
export function exchange(
  connection: Connection,
  request: RequestPlan & { target: string; keepBody: boolean },
  now: () => number,
  done: (result: Exchange) => void,
): Pending {
  const sentAt = now();
  const reuse = connection.requests;
  const idleMs = connection.idleSince === null ? 0 : Math.round((sentAt - connection.idleSince) * 1000) / 1000;
  const bytesBefore = connection.bytesRead;
  const chunks: Buffer[] = [];
  let kept = 0;
  let bytes = 0;
  let writtenAt: number | null = null;
  let firstByteAt: number | null = null;
  let status: number | null = null;
  let headers: IncomingHttpHeaders = {};
  let timedOut = false;
  let resolving = false;
  let interim = 0;
  let settled = false;

  const settle = (error: Error | null, endedAt = now()): void => {
    if (settled) return;
    settled = true;
    if (error !== null) connection.gone = true;
    connection.idleSince = endedAt;
    const result: Exchange = {
      sentAt,
      writtenAt,
      firstByteAt,
      endedAt,
      reuse,
      idleMs,
      status,
      headers,
      bytes,
      timedOut,
      resolving,
      error,
      body: request.keepBody ? Buffer.concat(chunks) : null,
      answerBegun: connection.bytesRead > bytesBefore,
    };
    // undici may fail a request while it is being dispatched: the caller first gets its handle, then the result.
    queueMicrotask(() => done(result));
  };

  connection.client.dispatch(
    {
      method: request.method as 'GET',
      path: request.target,
      headers: request.headers,
      body: request.body,
      // undici announces `Connection: close` with HEAD unless told not to.
      reset: false,
    },
    {
      onRequestStart() {
        writtenAt = now();
        connection.requests += 1;
        connection.idleSince = null;
      },
      onResponseStart(_controller, statusCode, responseHeaders) {
        if (statusCode < 200) {
          interim += 1;
          if (interim > MAX_INTERIM_ANSWERS) connection.destroy(new EndlessInterim());
          return;
        }
        firstByteAt = now();
        status = statusCode;
        headers = responseHeaders;
        connection.closeAnnounced = /\bclose\b/i.test(String(responseHeaders.connection ?? ''));
      },
      onResponseData(_controller, chunk) {
        bytes += chunk.length;
        if (request.keepBody && kept < KEPT_BODY_BYTES) {
          const part = Buffer.from(chunk.subarray(0, KEPT_BODY_BYTES - kept));
          kept += part.length;
          chunks.push(part);
        }
      },
      onResponseEnd() {
        const endedAt = now();
        // undici calls an answer complete that has more bytes behind it, and one without a length that an RST ended:
        // the socket says so once the parser has returned.
        queueMicrotask(() => settle(connection.error, endedAt));
      },
      onResponseError(_controller, error) {
        settle(error);
      },
    },
  );
  return {
    sentAt,
    expire() {
      timedOut = true;
      resolving = connection.resolving;
      connection.destroy(new Error('the time ran out'));
      settle(new Error('the time ran out'));
    },
  };
}

/** A server that sends 1xx answers and never the final one. */
class EndlessInterim extends Error {
  readonly code = 'HPE_ENDLESS_INTERIM';

  constructor() {
    super(`more than ${MAX_INTERIM_ANSWERS} interim (1xx) answers`);
  }
}
