import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { TLSSocket } from 'node:tls';
import { certificateUntil } from './certificate.js';
import type { Connection, IdleCloseListener, Pending, WireRequest } from './connection.js';
import { type Dialed, dial } from './dial.js';
import type { Endpoint } from './endpoint.js';
import { type Exchange, MAX_HEADER_BYTES, type WireFailure } from './exchange.js';
import { failureOf } from './failure.js';
import { GONE, H2Exchange, type H2ExchangeOwner } from './h2-exchange.js';
import { type Goaway, goawayFailure, streamFailure } from './h2-failure.js';
import { h2HeadOf } from './h2-head.js';

/** Streams at once, where the server does not allow fewer. */
const MAX_STREAMS = 100;
/** Bytes that a server may send before it hears that they were read, as browsers allow: 64 KiB would be our stall, not its. */
const STREAM_WINDOW_BYTES = 6 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 15 * 1024 * 1024;
/** Beyond it node cuts the answer as if the server had; what lies between it and the real bound is called by its name. */
const NODE_HEADER_BYTES = 4 * MAX_HEADER_BYTES;
/** A header takes 32 bytes and more in the count of HTTP/2: never the bound that is met first. */
const NODE_HEADER_PAIRS = NODE_HEADER_BYTES / 32;

/** An HTTP/2 connection: over TLS by ALPN, otherwise by prior knowledge. */
export class H2Connection implements Connection {
  readonly id: number;
  requests = 0;
  idleSince: number | null = null;
  closeAnnounced = false;
  readonly keepAlive: string | undefined;
  gone = false;
  connectedAt: number | null = null;
  certificateUntil: number | null = null;
  readonly #endpoint: Endpoint;
  readonly #now: () => number;
  readonly #onIdleClose: IdleCloseListener;
  readonly #waiting = new Set<H2Exchange>();
  readonly #open = new Set<H2Exchange>();
  readonly #owner: H2ExchangeOwner;
  #dialed: Dialed | null = null;
  #session: ClientHttp2Session | null = null;
  /** Streams that the server allows at once; null until its SETTINGS came. */
  #allowed: number | null = null;
  #goaway: Goaway | null = null;
  /** Nothing can be sent on it any more; unlike `gone` it leaves an attempt to connect that others wait for alone. */
  #broken = false;

  constructor(endpoint: Endpoint, id: number, now: () => number, onIdleClose: IdleCloseListener) {
    this.id = id;
    this.#endpoint = endpoint;
    this.#now = now;
    this.#onIdleClose = onIdleClose;
    this.#owner = {
      now,
      failureOf: (stream, error) => {
        if (error !== null && error.code !== 'ERR_HTTP2_STREAM_ERROR') this.#sessionFailed(error);
        return streamFailure(stream.id ?? 0, stream.rstCode ?? 0, this.#goaway);
      },
      unwritten: (exchange) => {
        this.requests -= 1;
        exchange.refuse(this.#refusal(), this.requests);
      },
      ended: (exchange, endedAt) => this.#ended(exchange, endedAt),
    };
  }

  get concurrency(): number {
    return Math.min(MAX_STREAMS, this.#allowed ?? MAX_STREAMS);
  }

  exchange(request: WireRequest, done: (result: Exchange) => void): Pending {
    const sentAt = this.#now();
    const idleMs = this.idleSince === null ? 0 : Math.round((sentAt - this.idleSince) * 1000) / 1000;
    const exchange = new H2Exchange(request, this.#owner, sentAt, this.requests, idleMs, done);
    this.idleSince = null;
    this.#waiting.add(exchange);
    if (this.gone || this.#goaway !== null) queueMicrotask(() => exchange.refuse(this.#refusal(), this.requests));
    else if (this.#dialed === null) this.#dial();
    else this.#openWaiting();
    return {
      sentAt,
      expire: () => this.#expire(exchange),
      write: (chunk) => exchange.write(chunk),
    };
  }

  destroy(): void {
    this.gone = true;
    queueMicrotask(() => this.#broke(this.#closed()));
    // The session follows its socket. Ended in order it would wait for a server that does not read.
    this.#dialed?.socket.destroy();
  }

  #dial(): void {
    try {
      this.#dialed = dial(this.#endpoint);
    } catch (error) {
      queueMicrotask(() => this.#broke(failureOf(error as Error, false)));
      return;
    }
    const { socket, ready } = this.#dialed;
    socket.once(ready, () => this.#connected());
    // These come before the session's own listeners: what happened on the socket is known before its streams end.
    socket.on('end', () => this.#socketEnded());
    socket.on('error', (error) => this.#socketFailed(error));
    socket.on('close', () => this.#socketEnded());
  }

  #connected(): void {
    const { socket } = this.#dialed as Dialed;
    this.connectedAt = this.#now();
    if (socket instanceof TLSSocket) {
      this.certificateUntil = certificateUntil(socket);
      if (socket.alpnProtocol !== 'h2') {
        this.#broke({ how: 'tls', code: 'ALPN', message: 'the server did not agree to HTTP/2' });
        this.destroy();
        return;
      }
    }
    this.#session = this.#startSession();
    this.#openWaiting();
  }

  #startSession(): ClientHttp2Session {
    const { socket } = this.#dialed as Dialed;
    const session = connect(this.#endpoint.origin, {
      createConnection: () => socket,
      settings: {
        enablePush: false,
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxHeaderListSize: NODE_HEADER_BYTES,
      },
      maxHeaderListPairs: NODE_HEADER_PAIRS,
    });
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    session.on('remoteSettings', ({ maxConcurrentStreams }) => {
      this.#allowed = maxConcurrentStreams ?? MAX_STREAMS;
      this.#openWaiting();
    });
    session.on('goaway', (code, lastStream) => this.#goingAway(session, { code, lastStream }));
    // A server that pushes before it has read our settings.
    session.on('stream', (pushed) => pushed.close(constants.NGHTTP2_REFUSED_STREAM));
    session.on('error', (error) => this.#sessionFailed(error));
    session.on('close', () => {
      this.gone = true;
    });
    return session;
  }

  /** Before the server's SETTINGS only one stream is opened: how many more it allows is not known. */
  #openWaiting(): void {
    const session = this.#session;
    if (session === null || this.#broken || this.#goaway !== null) return;
    if (session.closed || session.destroyed) {
      this.gone = true;
      queueMicrotask(() => this.#refuseWaiting(this.#refusal()));
      return;
    }
    for (const exchange of this.#waiting) {
      if (this.#open.size >= (this.#allowed === null ? 1 : this.concurrency)) return;
      this.#waiting.delete(exchange);
      this.#open.add(exchange);
      const { body } = exchange.request;
      const streamed = body !== null && typeof body === 'object' && body.contentLength > 0;
      const stream = session.request(h2HeadOf(exchange.request, this.#endpoint), {
        endStream: !streamed && (typeof body !== 'string' || body === ''),
        // Otherwise node ends a body that is given up as if it were whole, and cancels it only then.
        waitForTrailers: streamed,
      });
      exchange.open(stream, this.requests);
      this.requests += 1;
    }
  }

  #expire(exchange: H2Exchange): void {
    if (exchange.settled) return;
    const connected = this.connectedAt !== null;
    exchange.expire(connected, this.#dialed?.resolving ?? false);
    if (connected) return;
    // The others that wait have time left, and this attempt may still succeed; new ones are better off with another.
    this.gone = true;
    if (this.#waiting.size === 0) this.destroy();
  }

  #ended(exchange: H2Exchange, endedAt: number): void {
    this.#waiting.delete(exchange);
    this.#open.delete(exchange);
    if (this.#waiting.size === 0 && this.#open.size === 0) this.idleSince = endedAt;
    else this.#openWaiting();
  }

  #goingAway(session: ClientHttp2Session, goaway: Goaway): void {
    this.closeAnnounced = true;
    this.#goaway = goaway;
    // After a GOAWAY with an error code node destroys the session in its next statement, and with it the streams up to
    // the last one, which the server may still answer.
    if (goaway.code !== constants.NGHTTP2_NO_ERROR) {
      session.destroy = () => {
        Reflect.deleteProperty(session, 'destroy');
        session.close();
      };
    }
    queueMicrotask(() => this.#refuseWaiting(this.#refusal()));
  }

  #refuseWaiting(failure: WireFailure): void {
    for (const exchange of this.#waiting) exchange.refuse(failure, this.requests);
  }

  #refusal(): WireFailure {
    return this.#goaway === null ? GONE : goawayFailure(this.#goaway);
  }

  /** Its streams learn of it before the session itself says so. */
  #sessionFailed(error: Error): void {
    const said = this.#allowed === null ? 'the server does not speak HTTP/2' : 'not HTTP/2';
    this.#broke({ how: 'protocol', message: `${said}: ${error.message}` });
    this.destroy();
  }

  #socketEnded(): void {
    this.#broke(this.#closed(), 'fin');
    this.destroy();
  }

  #closed(): WireFailure {
    if (this.connectedAt !== null) return { how: 'closed' };
    return { how: 'connecting', code: 'FIN', message: 'closed while connecting' };
  }

  #socketFailed(error: NodeJS.ErrnoException): void {
    this.#broke(failureOf(error, this.connectedAt !== null), 'rst');
    this.destroy();
  }

  /** The connection is no more: what is on it fails, and what was never written on it says so. */
  #broke(failure: WireFailure, idleClose?: 'fin' | 'rst'): void {
    const idle = this.#open.size === 0 && this.#waiting.size === 0;
    const unannounced = idle && !this.gone && !this.closeAnnounced && this.connectedAt !== null;
    this.gone = true;
    this.#broken = true;
    if (unannounced && idleClose !== undefined) this.#onIdleClose(this, idleClose);
    for (const exchange of this.#open) exchange.settle(failure);
    this.#refuseWaiting(failure);
  }
}
