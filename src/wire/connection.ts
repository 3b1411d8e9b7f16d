import type { AnswerHeaders, Exchange } from './exchange.js';

/** A request as it goes onto the wire. */
export interface WireRequest {
  method: string;
  /** Path and query. */
  target: string;
  /** In lower case; `host` and what the body needs are added. */
  headers: Record<string, string>;
  /** `streamed`: `contentLength` bytes follow through `Pending.write`. */
  body: string | null | { contentLength: number };
  /** Keeps the answer's body for expectations. */
  keepBody: boolean;
  /** Called with the final answer's status and headers, before any byte of its body. */
  onHead?(status: number, headers: AnswerHeaders): void;
  /** Called with each piece of the body; the buffer is only valid during the call. */
  onBody?(chunk: Buffer): void;
  /** The answer is a stream without an end: its size is not bounded. */
  endless?: boolean;
}

/** An exchange under way. */
export interface Pending {
  readonly sentAt: number;
  /** Gives it up: it ends as timed out. */
  expire(): void;
  /** A piece of a streamed body; ignored once the exchange has ended. True where more may be written at once. */
  write(chunk: Buffer): boolean;
}

/** Called when the server closed the connection, unannounced, while no request was on it. */
export type IdleCloseListener = (connection: Connection, how: 'fin' | 'rst') => void;

/**
 * One connection. It is made with its first request, is never closed by an idle timer (that would hide the races real
 * clients meet), and is never made a second time.
 */
export interface Connection {
  readonly id: number;
  /** Requests written on it so far. */
  readonly requests: number;
  /** Since when no request is on it; null while one is, and before the first. */
  readonly idleSince: number | null;
  /** The server said that it will close (`Connection: close`, GOAWAY): the close that follows is no surprise. */
  readonly closeAnnounced: boolean;
  /** The `Keep-Alive` header of the last answer: it may say when the server closes an idle connection. */
  readonly keepAlive: string | undefined;
  /** Closed by either side, or never made: no request can be sent on it any more. */
  readonly gone: boolean;
  readonly connectedAt: number | null;
  /** Requests it may carry at once. */
  readonly concurrency: number;
  /** When the server's certificate expires, ms since 1970; null where there is none, or not yet. */
  readonly certificateUntil: number | null;
  /** Sends one request; `done` is called once, never before this returns, whatever happens. */
  exchange(request: WireRequest, done: (result: Exchange) => void): Pending;
  /** Closes it, or gives up making it; requests still on it fail. */
  destroy(): void;
}
