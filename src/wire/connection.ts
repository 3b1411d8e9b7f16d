import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type buildConnector, Client } from 'undici';

/** Bytes of one answer's headers, all together, that are read before it is given up. */
const MAX_HEADER_BYTES = 64 * 1024;
/** Bytes of one answer's body that are read before it is given up. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const NEVER_MS = 2 ** 31 - 1;
/** Node gives one address of a name up after 250 ms, the last one too; a full backlog answers after a second or three. */
const ADDRESS_ATTEMPT_MS = 5000;

/** Called when the server closed the connection, unannounced, while no request was on it. */
export type IdleCloseListener = (connection: Connection, how: 'fin' | 'rst') => void;

/**
 * One TCP (or TLS) connection that carries one request at a time. It is made with its first request, is never
 * closed by an idle timer (that would hide the races real clients meet), and is never made a second time.
 */
export class Connection {
  readonly id: number;
  readonly client: Client;
  /** Requests written on it so far. */
  requests = 0;
  /** Since when no request is on it; null while one is, and before the first. */
  idleSince: number | null = null;
  /** The last answer said `Connection: close`: the close that follows is no surprise. */
  closeAnnounced = false;
  /** Closed by either side, or never made: no request can be sent on it any more. */
  gone = false;
  connectedAt: number | null = null;
  /** The target's name is being looked up. */
  resolving = false;
  #socket: Socket | null = null;
  #destroyed = false;

  constructor(id: number, origin: string, now: () => number, onIdleClose: IdleCloseListener) {
    this.id = id;
    this.client = new Client(origin, {
      connect: (options, callback) => {
        if (this.#socket !== null) return callback(new NotWritten(), null);
        this.resolving = isIP(options.hostname) === 0;
        this.#socket = dial(options, (error, socket) => {
          this.connectedAt = error === null ? now() : null;
          if (socket === null) callback(error as Error, null);
          else callback(null, socket);
        });
        this.#socket.once('lookup', () => {
          this.resolving = false;
        });
      },
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: NEVER_MS,
      keepAliveMaxTimeout: NEVER_MS,
      // The server's hint `Keep-Alive: timeout=` ends the idle time at hint - threshold: put that out of reach.
      keepAliveTimeoutThreshold: -NEVER_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      maxResponseSize: MAX_BODY_BYTES,
    });
    this.client.on('disconnect', (_origin, _targets, error) => {
      // UND_ERR_INFO is undici itself closing after an answer that allows no other.
      const byServer = !this.#destroyed && error.code !== 'UND_ERR_INFO';
      const unannounced = this.idleSince !== null && !this.closeAnnounced && byServer;
      this.gone = true;
      if (unannounced) onIdleClose(this, error.code === 'ECONNRESET' ? 'rst' : 'fin');
    });
  }

  /** Bytes read from the server so far. */
  get bytesRead(): number {
    return this.#socket?.bytesRead ?? 0;
  }

  /** What broke the connection just now, as seen when an answer seems complete; null where nothing did. */
  get error(): NodeJS.ErrnoException | null {
    const error = (this.#socket?.errored ?? null) as NodeJS.ErrnoException | null;
    return error === null || error.code === 'UND_ERR_INFO' ? null : error;
  }

  /** Closes it, or gives up making it; a request still on it fails with `error`. */
  destroy(error: Error | null = null): void {
    this.#destroyed = true;
    this.gone = true;
    this.client.destroy(error).catch(() => {});
    this.#socket?.destroy();
  }
}

/** The connection had been closed before the request was written: nothing was sent, and nothing is lost. */
export class NotWritten extends Error {
  readonly code = 'ZDD_NOT_WRITTEN';
}

function dial(options: buildConnector.Options, done: (error: Error | null, socket: Socket | null) => void): Socket {
  const secure = options.protocol === 'https:';
  const port = Number(options.port || (secure ? 443 : 80));
  const address = { host: options.hostname, port, autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS };
  const socket = secure
    ? connectTls({ ...address, servername: options.servername ?? options.hostname, ALPNProtocols: ['http/1.1'] })
    : connectTcp(address);
  let settled = false;
  const settle = (error: Error | null): void => {
    if (settled) return;
    settled = true;
    done(error, error === null ? socket : null);
  };
  socket.setNoDelay(true);
  socket.once(secure ? 'secureConnect' : 'connect', () => settle(null));
  socket.on('error', settle);
  socket.once('close', () => settle(new Error('closed while connecting')));
  return socket;
}
