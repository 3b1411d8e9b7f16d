import type { LockMode } from '../check/locks.js';
import { type Frame, noticeOf, type ServerNotice, stringsOf } from './frames.js';
import { rowsOfPlan } from './plans.js';

/** A relation lock, by the number of the relation. */
export interface HeldLock {
  oid: number;
  mode: LockMode;
}

/** What a session holds at a moment. */
export interface Holding {
  locks: HeldLock[];
  /** Numbers of the transactions it writes in. */
  xids: string[];
}

/** A statement that the migration ran, as it was seen on its way to the server and back. */
export interface SeenStatement {
  /** Process of the server that ran it. */
  pid: number;
  sql: string;
  /** Which part of a string with several statements it was; null where it was not in one. */
  part: number | null;
  beginMs: number;
  endMs: number;
  /** What the server says that it did, such as `UPDATE 12`; null where it failed. */
  tag: string | null;
  error: ServerNotice | null;
  /** What the server said while it ran, down to its first level of debugging. */
  notices: ServerNotice[];
  /** Statements of one transaction have one number. */
  transaction: number;
  /** Seen to be held while it ran or right after it. */
  locks: HeldLock[];
  /** Transactions that were seen to write while it ran: a procedure may commit in between. */
  xids: Set<string>;
  /** Rows that went through the steps of its plans, as far as the server tells them. */
  rowsWorked: number;
}

type Asked = { kind: 'parse' | 'execute' | 'query'; sql: string; atMs: number } | { kind: 'sync' };

/** Ends of a transaction in the middle of a string with several statements. */
const TRANSACTION_ENDS = /^(?:COMMIT|ROLLBACK|PREPARE TRANSACTION)$/;

/**
 * Follows the two directions of one session and tells the statements in it. Several statements may be in one message,
 * and several messages may be under way.
 */
export class Session {
  readonly statements: SeenStatement[] = [];
  readonly #pid: number;
  readonly #now: () => number;
  readonly #nextTransaction: () => number;
  readonly #prepared = new Map<string, string>();
  readonly #portals = new Map<string, string>();
  readonly #asked: Asked[] = [];
  #notices: ServerNotice[] = [];
  #held = nothingHeld();
  #rowsWorked = 0;
  #transaction: number;
  #lastEndMs = 0;
  #part = 0;
  #failed = false;

  constructor(pid: number, now: () => number, nextTransaction: () => number) {
    this.#pid = pid;
    this.#now = now;
    this.#nextTransaction = nextTransaction;
    this.#transaction = nextTransaction();
  }

  /** What is under way now, by identity; null where the session is idle. */
  get current(): object | null {
    return this.#asked[0] ?? null;
  }

  /** A message of the client. */
  ask({ type, body }: Frame): void {
    const atMs = this.#now();
    if (type === 'Q') this.#asked.push({ kind: 'query', sql: stringsOf(body)[0] ?? '', atMs });
    else if (type === 'F') this.#asked.push({ kind: 'query', sql: '(a function call of the protocol)', atMs });
    else if (type === 'S') this.#asked.push({ kind: 'sync' });
    else if (type === 'P') {
      const [name = '', sql = ''] = stringsOf(body);
      this.#prepared.set(name, sql);
      this.#asked.push({ kind: 'parse', sql, atMs });
    } else if (type === 'B') {
      const [portal = '', name = ''] = stringsOf(body);
      this.#portals.set(portal, this.#prepared.get(name) ?? '');
    } else if (type === 'E') {
      this.#asked.push({ kind: 'execute', sql: this.#portals.get(stringsOf(body)[0] ?? '') ?? '', atMs });
    }
  }

  /** A message of the server. */
  hear({ type, body }: Frame): void {
    if (type === 'N') this.#note(noticeOf(body));
    else if (type === '1') this.#shift('parse');
    else if (type === 'C') this.#finish(stringsOf(body)[0] ?? '', null);
    else if (type === 's') this.#finish('', null);
    else if (type === 'I') this.#empty();
    else if (type === 'E') this.#finish(null, noticeOf(body));
    else if (type === 'Z') this.#rest(String.fromCharCode(body[0] as number));
  }

  /** Locks that are held by what is under way, or by what was last in an open transaction. */
  holds({ locks, xids }: Holding): void {
    const { locks: known, xids: seen } = this.#asked.length > 0 ? this.#held : (this.statements.at(-1) ?? this.#held);
    for (const xid of xids) seen.add(xid);
    for (const lock of locks) {
      if (!known.some(({ oid, mode }) => oid === lock.oid && mode === lock.mode)) known.push(lock);
    }
  }

  #shift(kind: Asked['kind']): void {
    if (this.#asked[0]?.kind === kind) this.#asked.shift();
  }

  #finish(tag: string | null, error: ServerNotice | null): void {
    const asked = this.#asked[0];
    if (asked === undefined || asked.kind === 'sync' || this.#failed) return;
    const endMs = this.#now();
    this.statements.push({
      pid: this.#pid,
      sql: asked.sql,
      part: asked.kind === 'query' ? this.#part : null,
      beginMs: Math.max(asked.atMs, this.#lastEndMs),
      endMs,
      tag,
      error,
      notices: this.#notices,
      transaction: this.#transaction,
      ...this.#held,
      rowsWorked: this.#rowsWorked,
    });
    this.#notices = [];
    this.#held = nothingHeld();
    this.#rowsWorked = 0;
    this.#lastEndMs = endMs;
    this.#part += 1;
    if (error !== null) this.#failed = true;
    if (asked.kind === 'execute') this.#asked.shift();
    if (tag !== null && TRANSACTION_ENDS.test(tag)) this.#transaction = this.#nextTransaction();
  }

  /** A loop may tell of very many plans: of those the sum is kept. */
  #note(notice: ServerNotice): void {
    const rows = rowsOfPlan(notice.message);
    if (rows === null) this.#notices.push(notice);
    else this.#rowsWorked += rows;
  }

  /** An empty statement is none. */
  #empty(): void {
    this.#shift('execute');
  }

  /** The server waits for the next message: everything up to it is answered. */
  #rest(status: string): void {
    if (this.#asked[0]?.kind === 'query') this.#asked.shift();
    else {
      const sync = this.#asked.findIndex((each) => each.kind === 'sync');
      this.#asked.splice(0, sync === -1 ? this.#asked.length : sync + 1);
    }
    this.#part = 0;
    this.#failed = false;
    this.#notices = [];
    if (status === 'I') this.#transaction = this.#nextTransaction();
  }
}

function nothingHeld(): Pick<SeenStatement, 'locks' | 'xids'> {
  return { locks: [], xids: new Set() };
}
