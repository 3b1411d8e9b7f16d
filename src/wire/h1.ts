import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { certificateUntil } from './certificate.js';
import type { Connection, IdleCloseListener, Pending, WireRequest } from './connection.js';
import { type Dialed, dial } from './dial.js';
import type { Endpoint } from './endpoint.js';
import type { AnswerHeaders } from './exchange.js';
import { type Exchange, KEPT_BODY_BYTES, MAX_BODY_BYTES, type WireFailure } from './exchange.js';
import { failureOf } from './failure.js';
import { type AnswerListener, AnswerParser } from './parser.js';
import { headOf } from './request-head.js';

/** Bytes on the wire for one answer, framing included, before it is given up: a body may be cut into tiny chunks. */
const MAX_WIRE_BYTES = 4 * MAX_BODY_BYTES;

/** An HTTP/1.1 connection that carries one request at a time. */
export class H1Connection implements Connection {
  readonly id: number;
  readonly concurrency = 1;
  requests = 0;
  idleSince: number | null = null;
  closeAnnounced = false;
  keepAlive: string | undefined;
  gone = false;
  connectedAt: number | null = null;
  certificateUntil: number | null = null;
  readonly #endpoint: Endpoint;
  readonly #now: () => number;
  readonly #onIdleClose: IdleCloseListener;
  readonly #parser = new AnswerParser();
  #dialed: Dialed | null = null;
  #current: Answer | null = null;

  constructor(endpoint: Endpoint, id: number, now: () => number, onIdleClose: IdleCloseListener) {
    this.id = id;
    this.#endpoint = endpoint;
    this.#now = now;
    this.#onIdleClose = onIdleClose;
  }

  exchange(request: WireRequest, done: (result: Exchange) => void): Pending {
    const sentAt = this.#now();
    const answer = new Answer(request, sentAt, this.requests, this.idleSince, this.#now, done);
    this.#current = answer;
    this.idleSince = null;
    if (this.gone) queueMicrotask(() => this.#settle(answer, { how: 'connecting', code: 'GONE', message: 'closed' }));
    else if (this.connectedAt !== null) this.#write(answer, sentAt);
    else this.#dial();
    return {
      sentAt,
      expire: () => this.#settle(answer, { how: 'expired', while: this.#stageOf(answer) }),
      write: (chunk) => this.#writeBody(answer, chunk),
    };
  }

  destroy(): void {
    this.gone = true;
    this.#dialed?.socket.destroy();
    // Not now: the parser may be what called.
    queueMicrotask(() => this.#parser.free());
  }

  get #socket(): Socket {
    return (this.#dialed as Dialed).socket;
  }

  #dial(): void {
    try {
      this.#dialed = dial(this.#endpoint);
    } catch (error) {
      queueMicrotask(() => this.#failed(error as Error));
      return;
    }
    const { socket, ready } = this.#dialed;
    socket.once(ready, () => this.#connected());
    socket.on('data', (piece: Buffer) => this.#read(piece));
    // Before Node ends our side of it: whether it was reset can be seen until then.
    socket.prependListener('end', () => this.#ended());
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', () => this.#ended());
  }

  #connected(): void {
    this.connectedAt = this.#now();
    if (this.#socket instanceof TLSSocket) this.certificateUntil = certificateUntil(this.#socket);
    if (this.#current !== null) this.#write(this.#current, this.connectedAt);
  }

  #write(answer: Answer, at: number): void {
    this.requests += 1;
    answer.writtenAt = at;
    this.#parser.begin(answer);
    this.#socket.write(headOf(answer.request, this.#endpoint));
    for (const chunk of answer.early.splice(0)) this.#writeBody(answer, chunk);
  }

  #writeBody(answer: Answer, chunk: Buffer): boolean {
    if (answer.settled) return false;
    if (answer.writtenAt === null) {
      answer.early.push(Buffer.from(chunk));
      return false;
    }
    answer.unsent -= chunk.length;
    return this.#socket.write(chunk);
  }

  #read(piece: Buffer): void {
    const answer = this.#current;
    if (answer === null) {
      // Bytes that belong to no request (a server that says 408 and hangs up): the next one could not be told from them.
      this.#closedIdle('fin');
      return;
    }
    answer.begun = true;
    answer.wireBytes += piece.length;
    const error = this.#parser.execute(piece);
    if (error !== null) this.#settle(answer, { how: 'protocol', message: error });
    else if (answer.request.endless !== true && (answer.wireBytes > MAX_WIRE_BYTES || answer.bytes > MAX_BODY_BYTES)) {
      this.#settle(answer, { how: 'protocol', message: `an answer of more than ${MAX_BODY_BYTES} bytes` });
    } else if (answer.whole) this.#settle(answer, null);
  }

  /** FIN. */
  #ended(): void {
    const answer = this.#current;
    const wasReset = this.#wasReset();
    if (answer === null) {
      this.#closedIdle(wasReset ? 'rst' : 'fin');
      return;
    }
    if (wasReset) {
      this.#failed(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
      return;
    }
    if (answer.writtenAt !== null && answer.status !== null) this.#parser.finish();
    if (answer.whole) this.#settle(answer, null);
    else if (answer.writtenAt !== null) this.#settle(answer, { how: 'closed' });
    else this.#settle(answer, { how: 'connecting', code: 'FIN', message: 'closed while connecting' });
  }

  /**
   * Data and the RST behind it, read in one turn, come from libuv as data and an end. A socket that was reset has no
   * peer any more. Nobody may ask for the address earlier: Node remembers the answer.
   */
  #wasReset(): boolean {
    const connected = this.connectedAt !== null && this.#endpoint.socketPath === null;
    return connected && !this.gone && this.#socket.remoteAddress === undefined;
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#current === null) this.#closedIdle('rst');
    else this.#settle(this.#current, failureOf(error, this.connectedAt !== null));
  }

  #closedIdle(how: 'fin' | 'rst'): void {
    if (this.gone) return;
    this.gone = true;
    if (!this.closeAnnounced) this.#onIdleClose(this, how);
    this.destroy();
  }

  #settle(answer: Answer, failure: WireFailure | null): void {
    if (answer.settled) return;
    answer.settled = true;
    const endedAt = this.#now();
    this.#current = null;
    this.idleSince = endedAt;
    if (!answer.keepAlive) this.closeAnnounced = true;
    // A server that answers before it has read the whole body leaves the rest of it on the connection.
    if (failure !== null || answer.unsent > 0) this.destroy();
    const result = answer.result(endedAt, failure);
    this.keepAlive = result.headers['keep-alive'] ?? this.keepAlive;
    answer.done(result);
  }

  #stageOf(answer: Answer): 'resolving' | 'connecting' | 'waiting' | 'headers' | 'body' {
    if (answer.writtenAt === null) return this.#dialed?.resolving ? 'resolving' : 'connecting';
    if (answer.status !== null) return 'body';
    return answer.begun ? 'headers' : 'waiting';
  }
}

/** One answer while it comes in. */
class Answer implements AnswerListener {
  readonly request: WireRequest;
  readonly bodiless: boolean;
  readonly done: (result: Exchange) => void;
  readonly #now: () => number;
  readonly #sentAt: number;
  readonly #reuse: number;
  readonly #idleMs: number;
  #firstByteAt: number | null = null;
  #headers: AnswerHeaders = NO_HEADERS;
  #chunks: Buffer[] | null = null;
  #kept = 0;
  writtenAt: number | null = null;
  status: number | null = null;
  keepAlive = true;
  bytes = 0;
  wireBytes = 0;
  begun = false;
  whole = false;
  settled = false;
  /** Pieces of a streamed body that came before the connection was there. */
  readonly early: Buffer[] = [];
  /** Bytes of a streamed body that are still to come. */
  unsent: number;

  constructor(
    request: WireRequest,
    sentAt: number,
    reuse: number,
    idleSince: number | null,
    now: () => number,
    done: (result: Exchange) => void,
  ) {
    this.request = request;
    this.bodiless = request.method === 'HEAD';
    this.done = done;
    this.unsent = typeof request.body === 'object' && request.body !== null ? request.body.contentLength : 0;
    this.#now = now;
    this.#sentAt = sentAt;
    this.#reuse = reuse;
    this.#idleMs = idleSince === null ? 0 : Math.round((sentAt - idleSince) * 1000) / 1000;
  }

  head(status: number, headers: AnswerHeaders, keepAlive: boolean): void {
    this.#firstByteAt = this.#now();
    this.status = status;
    this.#headers = headers;
    this.keepAlive = keepAlive;
    this.request.onHead?.(status, headers);
  }

  body(piece: Buffer): void {
    this.bytes += piece.length;
    this.request.onBody?.(piece);
    if (!this.request.keepBody || this.#kept >= KEPT_BODY_BYTES) return;
    // The piece is a view of what was read: it is kept, so that it must be a copy of its own.
    const part = Buffer.from(piece.subarray(0, KEPT_BODY_BYTES - this.#kept));
    this.#kept += part.length;
    this.#chunks ??= [];
    this.#chunks.push(part);
  }

  complete(): void {
    this.whole = true;
  }

  result(endedAt: number, failure: WireFailure | null): Exchange {
    return {
      sentAt: this.#sentAt,
      writtenAt: this.writtenAt,
      firstByteAt: this.#firstByteAt,
      endedAt,
      reuse: this.#reuse,
      idleMs: this.#idleMs,
      status: this.status,
      headers: this.#headers,
      body: this.request.keepBody ? Buffer.concat(this.#chunks ?? []) : null,
      bytes: this.bytes,
      answerBegun: this.begun,
      failure,
    };
  }
}

const NO_HEADERS: AnswerHeaders = Object.freeze({});
