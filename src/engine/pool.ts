import { Connection, type IdleCloseListener } from '../wire/connection.js';

/**
 * The keep-alive connections: `size` of them are opened as requests fall due and then used longest-idle first,
 * so that each is reused at the same, longest possible idle age. Where all are busy a further one is opened (an
 * open loop never waits) and closed after its answer.
 */
export class Pool {
  readonly #origin: string;
  readonly #size: number;
  readonly #now: () => number;
  readonly #onIdleClose: IdleCloseListener;
  readonly #open = new Set<Connection>();
  /** The keep-alive ones among the open, idle or busy. */
  readonly #kept = new Set<Connection>();
  readonly #idle: Connection[] = [];
  #lastId = 0;

  constructor(origin: string, size: number, now: () => number, onIdleClose: IdleCloseListener) {
    this.#origin = origin;
    this.#size = size;
    this.#now = now;
    this.#onIdleClose = onIdleClose;
  }

  get openConnections(): number {
    return this.#open.size;
  }

  /** A connection of its own, closed after one answer. */
  fresh(): Connection {
    this.#lastId += 1;
    const connection = new Connection(this.#lastId, this.#origin, this.#now, this.#onIdleClose);
    this.#open.add(connection);
    return connection;
  }

  /** The connection that has been idle the longest; a new one while the pool is not full, or all are busy. */
  keepalive(): Connection {
    for (const connection of this.#idle.filter(({ gone }) => gone)) this.#close(connection);
    const idle = this.#kept.size < this.#size ? undefined : this.#idle.shift();
    if (idle !== undefined) return idle;
    const connection = this.fresh();
    this.#kept.add(connection);
    return connection;
  }

  /** Takes a connection back after its answer. */
  release(connection: Connection): void {
    const keep = this.#kept.has(connection) && this.#kept.size <= this.#size;
    if (keep && !connection.gone && !connection.closeAnnounced) this.#idle.push(connection);
    else this.#close(connection);
  }

  closeAll(): void {
    for (const connection of this.#open) this.#close(connection);
  }

  #close(connection: Connection): void {
    connection.destroy();
    this.#open.delete(connection);
    this.#kept.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  }
}
