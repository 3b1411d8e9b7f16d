import { connectionTo } from '../wire/connect.js';
import type { Connection, IdleCloseListener } from '../wire/connection.js';
import type { Endpoint } from '../wire/endpoint.js';

/** A need that has not come again for one to two of these is over, ms. */
const NEED_WINDOW_MS = 1000;

/**
 * The connections to one endpoint. `size` keep-alive ones are opened as requests fall due and then used longest-idle
 * first, so that each is reused at the same, longest possible idle age; ones that carry several requests at once are
 * used in turn. Where some are lost, new ones fill the pool again, but none of the others waits longer than before:
 * idle for the server's whole timeout, it would meet a close that has nothing to do with the release. Where all are busy a further one is opened (an open loop never waits); such ones are kept as long as so
 * many were needed within the last second or two: closing them at once would make a slow moment of either side a storm
 * of connects, which prolongs it.
 */
export class Pool {
  readonly #endpoint: Endpoint;
  readonly #size: number;
  readonly #now: () => number;
  readonly #onIdleClose: IdleCloseListener;
  readonly #nextId: () => number;
  /** Every open connection, and how many requests are on it. */
  readonly #load = new Map<Connection, number>();
  /** The keep-alive ones among them. */
  readonly #kept = new Set<Connection>();
  /** Keep-alive ones that can take a request, the one used longest ago first. */
  readonly #ready: Connection[] = [];
  /** How long connections wait for their turn while the pool is full, ms; null until it was. */
  #turnMs: number | null = null;
  /** Most keep-alive connections busy at once, in the current window and the one before. */
  #needed = { now: 0, before: 0, since: 0 };

  constructor(
    endpoint: Endpoint,
    size: number,
    nextId: () => number,
    now: () => number,
    onIdleClose: IdleCloseListener,
  ) {
    this.#endpoint = endpoint;
    this.#size = size;
    this.#nextId = nextId;
    this.#now = now;
    this.#onIdleClose = onIdleClose;
  }

  get openConnections(): number {
    return this.#load.size;
  }

  /** A connection of its own, closed after one answer. */
  fresh(): Connection {
    const connection = connectionTo(this.#endpoint, this.#nextId(), this.#now, this.#onIdleClose);
    this.#load.set(connection, 1);
    return connection;
  }

  /** The keep-alive connection used longest ago; a new one while the pool is to be filled, or none can take a request. */
  keepalive(): Connection {
    this.#need();
    while (this.#ready[0] !== undefined && this.#isDue(this.#ready[0])) {
      const connection = this.#ready.shift() as Connection;
      if (isUsable(connection)) {
        this.#load.set(connection, (this.#load.get(connection) ?? 0) + 1);
        if (this.#hasRoom(connection)) this.#ready.push(connection);
        return connection;
      }
      // Closed, or about to be, while it was waiting.
      this.#drop(connection);
      if (this.#load.get(connection) === 0) this.#close(connection);
    }
    const connection = this.fresh();
    this.#kept.add(connection);
    if (this.#hasRoom(connection)) this.#ready.push(connection);
    return connection;
  }

  /** Takes a connection back after an answer. */
  release(connection: Connection): void {
    const load = (this.#load.get(connection) ?? 1) - 1;
    this.#load.set(connection, load);
    const keep = this.#kept.has(connection) && this.#kept.size <= this.#capacity && isUsable(connection);
    if (keep) {
      if (connection.concurrency === 1 || !this.#ready.includes(connection)) this.#ready.push(connection);
      return;
    }
    this.#drop(connection);
    if (load === 0) this.#close(connection);
  }

  closeAll(): void {
    for (const connection of this.#load.keys()) this.#close(connection);
  }

  /** Whether it is this one's turn: always while the pool is full, and after so long a wait as when it was. */
  #isDue({ idleSince }: Connection): boolean {
    const idleMs = idleSince === null ? 0 : this.#now() - idleSince;
    if (this.#kept.size < this.#size) return this.#turnMs !== null && idleMs >= this.#turnMs;
    this.#turnMs = idleMs;
    return true;
  }

  get #capacity(): number {
    return Math.max(this.#size, this.#needed.now, this.#needed.before);
  }

  /** One more is about to be busy. */
  #need(): void {
    const at = this.#now();
    if (at - this.#needed.since > NEED_WINDOW_MS) this.#needed = { now: 0, before: this.#needed.now, since: at };
    this.#needed.now = Math.max(this.#needed.now, this.#kept.size - this.#ready.length + 1);
  }

  #hasRoom(connection: Connection): boolean {
    return (this.#load.get(connection) ?? 0) < connection.concurrency;
  }

  #drop(connection: Connection): void {
    this.#kept.delete(connection);
    const index = this.#ready.indexOf(connection);
    if (index !== -1) this.#ready.splice(index, 1);
  }

  #close(connection: Connection): void {
    connection.destroy();
    this.#load.delete(connection);
    this.#drop(connection);
  }
}

function isUsable(connection: Connection): boolean {
  return !connection.gone && !connection.closeAnnounced;
}
