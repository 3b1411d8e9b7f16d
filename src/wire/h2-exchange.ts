import { type ClientHttp2Stream, constants, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import type { WireRequest } from './connection.js';
import type { AnswerHeaders } from './exchange.js';
import {
  type Exchange,
  KEPT_BODY_BYTES,
  MAX_BODY_BYTES,
  MAX_HEADER_BYTES,
  MAX_INTERIM_ANSWERS,
  type WireFailure,
} from './exchange.js';

/** The connection had ended before the request was written. */
export const GONE: WireFailure = { how: 'connecting', code: 'GONE', message: 'closed' };
const HEADERS_FRAME = 1;

type Headers = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** What an exchange tells its connection. */
export interface H2ExchangeOwner {
  now(): number;
  /** Why a stream was closed before its answer was whole. */
  failureOf(stream: ClientHttp2Stream, error: NodeJS.ErrnoException | null): WireFailure;
  /** A stream was opened for it, and closed before it was written. */
  unwritten(exchange: H2Exchange): void;
  /** It ended, and is told of once this returns. */
  ended(exchange: H2Exchange, endedAt: number): void;
}

/** One request and its answer on an HTTP/2 connection; it waits until the connection opens a stream for it. */
export class H2Exchange {
  readonly request: WireRequest;
  readonly #owner: H2ExchangeOwner;
  readonly #done: (result: Exchange) => void;
  readonly #sentAt: number;
  readonly #idleMs: number;
  #reuse: number;
  #stream: ClientHttp2Stream | null = null;
  #writtenAt: number | null = null;
  #firstByteAt: number | null = null;
  #status: number | null = null;
  #headers: AnswerHeaders = {};
  #interim = 0;
  #begun = false;
  /** The server ended the stream, and not only closed it. */
  #whole = false;
  #settled = false;
  #bytes = 0;
  #chunks: Buffer[] = [];
  #kept = 0;
  /** Pieces of a streamed body that came before the stream was there. */
  #early: Buffer[] = [];
  /** Bytes of a streamed body that are still to come. */
  #unsent: number;

  constructor(
    request: WireRequest,
    owner: H2ExchangeOwner,
    sentAt: number,
    reuse: number,
    idleMs: number,
    done: (result: Exchange) => void,
  ) {
    this.request = request;
    this.#owner = owner;
    this.#sentAt = sentAt;
    this.#reuse = reuse;
    this.#idleMs = idleMs;
    this.#done = done;
    this.#unsent = typeof request.body === 'object' && request.body !== null ? request.body.contentLength : 0;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Sends the request on the stream that was opened for it; `reuse` requests went before it on the connection. */
  open(stream: ClientHttp2Stream, reuse: number): void {
    this.#stream = stream;
    this.#reuse = reuse;
    this.#writtenAt = this.#owner.now();
    let error: NodeJS.ErrnoException | null = null;
    // Something may come between `open` and the turn of the event loop that writes.
    stream.on('frameError', (type) => {
      if (type !== HEADERS_FRAME) return;
      this.#writtenAt = null;
      this.#owner.unwritten(this);
    });
    noteWholeEnd(stream, () => {
      this.#whole = true;
    });
    stream.on('headers', (headers: Headers) => this.#interimHead(headers));
    stream.on('response', (headers: Headers) => this.#head(headers));
    stream.on('data', (piece: Buffer) => this.#body(piece));
    stream.on('end', () => {
      if (this.#whole && this.#status !== null) this.settle(null);
    });
    stream.on('error', (cause) => {
      error = cause;
    });
    stream.on('close', () => {
      if (!this.#settled) this.settle(this.#owner.failureOf(stream, error));
    });
    if (typeof this.request.body === 'string' && this.request.body !== '') stream.end(this.request.body);
    for (const chunk of this.#early.splice(0)) this.write(chunk);
  }

  write(chunk: Buffer): boolean {
    if (this.#settled) return false;
    if (this.#stream === null) {
      this.#early.push(Buffer.from(chunk));
      return false;
    }
    if (!this.#stream.writable) return false;
    this.#unsent -= chunk.length;
    if (this.#unsent > 0) return this.#stream.write(chunk);
    this.#stream.end(chunk);
    return false;
  }

  expire(connected: boolean, resolving: boolean): void {
    this.settle({ how: 'expired', while: this.#stage(connected, resolving) });
  }

  /** Ends it with an answer (`failure` null) or without; only the first call counts. */
  settle(failure: WireFailure | null): void {
    if (this.#settled) return;
    this.#settled = true;
    const endedAt = this.#owner.now();
    // The stream of a failed request may still be open, and a server may answer before it has read the whole body.
    if (this.#stream !== null && (failure !== null || !this.#stream.writableEnded)) {
      this.#stream.close(constants.NGHTTP2_CANCEL);
    }
    this.#owner.ended(this, endedAt);
    this.#done(this.#result(endedAt, failure));
  }

  /** It was never written: where `requests` others were, on this connection, it is as good as not yet sent. */
  refuse(failure: WireFailure, requests: number): void {
    this.#reuse = requests;
    this.settle(requests > 0 ? GONE : failure);
  }

  #interimHead(headers: Headers): void {
    this.#begun = true;
    if ((headers[':status'] ?? 0) >= 200) return;
    this.#interim += 1;
    if (this.#interim > MAX_INTERIM_ANSWERS) this.#settleProtocol(`more than ${MAX_INTERIM_ANSWERS} interim answers`);
  }

  #head(headers: Headers): void {
    if (this.#settled) return;
    this.#begun = true;
    const status = headers[':status'] ?? 0;
    const read = answerHeaders(headers);
    if (status < 200) this.#settleProtocol(`the answer ended with the interim status ${status}`);
    else if (read === null) this.#settleProtocol(`an answer with more than ${MAX_HEADER_BYTES} bytes of headers`);
    else {
      this.#firstByteAt = this.#owner.now();
      this.#status = status;
      this.#headers = read;
      this.request.onHead?.(status, read);
    }
  }

  #body(piece: Buffer): void {
    if (this.#settled) return;
    this.#bytes += piece.length;
    this.request.onBody?.(piece);
    if (this.#bytes > MAX_BODY_BYTES && this.request.endless !== true)
      this.#settleProtocol(`an answer of more than ${MAX_BODY_BYTES} bytes`);
    if (!this.request.keepBody || this.#kept >= KEPT_BODY_BYTES) return;
    const part = Buffer.from(piece.subarray(0, KEPT_BODY_BYTES - this.#kept));
    this.#kept += part.length;
    this.#chunks.push(part);
  }

  #settleProtocol(message: string): void {
    this.settle({ how: 'protocol', message });
  }

  #stage(connected: boolean, resolving: boolean): 'resolving' | 'connecting' | 'waiting' | 'headers' | 'body' {
    if (!connected) return resolving ? 'resolving' : 'connecting';
    if (this.#status !== null) return 'body';
    return this.#begun ? 'headers' : 'waiting';
  }

  #result(endedAt: number, failure: WireFailure | null): Exchange {
    return {
      sentAt: this.#sentAt,
      writtenAt: this.#writtenAt,
      firstByteAt: this.#firstByteAt,
      endedAt,
      reuse: this.#reuse,
      idleMs: this.#idleMs,
      status: this.#status,
      headers: this.#headers,
      body: this.request.keepBody ? Buffer.concat(this.#chunks) : null,
      bytes: this.#bytes,
      answerBegun: this.#begun,
      failure,
    };
  }
}

/**
 * Calls back when the server ends the stream. Node emits `end` for an answer that RST_STREAM(NO_ERROR) cut, too; but
 * where the server ended the stream the end is pushed before the stream counts as closed, and only there.
 */
function noteWholeEnd(stream: ClientHttp2Stream, note: () => void): void {
  const push = stream.push;
  stream.push = (piece: unknown, encoding?: BufferEncoding) => {
    if (piece === null && !stream.closed) note();
    return push.call(stream, piece, encoding);
  };
}

/** Null where there are too many bytes of them. */
function answerHeaders(headers: Headers): AnswerHeaders | null {
  const read: AnswerHeaders = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':')) continue;
    const text = Array.isArray(value) ? value.join(name === 'set-cookie' ? '\n' : ', ') : String(value);
    bytes += name.length + text.length;
    read[name] = text;
  }
  return bytes > MAX_HEADER_BYTES ? null : read;
}
