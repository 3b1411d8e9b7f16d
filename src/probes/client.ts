import { setMaxListeners } from 'node:events';
import { beginningOf } from '../model/cut.js';
import type { Outcome } from '../model/outcome.js';
import type { ProbeFaultEvent } from '../model/probe.js';
import { every } from '../platform/clock.js';
import { classify } from '../wire/classify.js';
import { connectionTo } from '../wire/connect.js';
import type { Connection, IdleCloseListener, Pending } from '../wire/connection.js';
import type { Endpoint } from '../wire/endpoint.js';
import { type Exchange, isUnwritten } from '../wire/exchange.js';
import { needsBody, versionOf } from '../wire/expect.js';
import type { RequestPlan } from '../wire/plan.js';
import type { ProbeContext } from './probe.js';

/** What became of one request. */
export interface Asked {
  /** `none`: it was not sent, or a rate limiter answered; that says nothing of the target. */
  fate: 'ok' | 'failed' | 'none';
  outcome: Outcome;
  result: Exchange;
  name: string;
  /** For people: the status, or how it failed. */
  detail: string;
}

export interface AskOptions {
  on: 'fresh' | 'reused' | Connection;
  /** What it is called on record; method and path unless given. */
  name?: string;
  timeoutMs?: number;
  keepBody?: boolean;
  /** Not put on record. */
  quiet?: boolean;
  /** The body is streamed: so many bytes follow through `onPending`. */
  contentLength?: number;
  onPending?(pending: Pending): void;
  onBody?(piece: Buffer): void;
  /** Why an answer that is as expected is a failure all the same; null where it is none. */
  judge?(result: Exchange): string | null;
}

/** Of a fault: when it showed (now unless given), what it takes the place of, and what a sleep of the harness could have to do with it. */
type FaultMore = Partial<Pick<ProbeFaultEvent, 'at' | 'instead' | 'silent' | 'idleMs'>>;

const COUNTS_EVERY_MS = 1000;
/** What is idle for longer may be closed by the server at any moment: that is for the idle probe to find. */
const MOST_IDLE_MS = 4000;
const MOST_TEXT = 200;

/** Gives a probe a client for as long as it runs; closes every connection and says the last figures at its end. */
export async function withClient(
  context: ProbeContext,
  endpoint: Endpoint,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  // Each of many connections sleeps until one of these; that is no leak.
  setMaxListeners(0, context.stopping, context.signal);
  const client = new Client(context, endpoint);
  try {
    await use(client);
  } finally {
    client.close();
  }
}

/** One probe's requests, each of which goes on record, and its figures. */
export class Client {
  readonly #context: ProbeContext;
  readonly #endpoint: Endpoint;
  readonly #open = new Set<Connection>();
  /** Keep-alive connections without a request, the longest idle first. */
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<(reason: unknown) => void>();
  readonly #stopCounting: () => void;
  #counts: Record<string, number> = {};
  #gauges: Record<string, number> = {};
  #ready = false;
  #lastId = 0;

  constructor(context: ProbeContext, endpoint: Endpoint) {
    this.#context = context;
    this.#endpoint = endpoint;
    this.#stopCounting = every(COUNTS_EVERY_MS, () => this.#sayCounts());
    context.signal.addEventListener('abort', this.#giveUp, { once: true });
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Sends one request and puts it on record; what the target does is a value, never thrown. */
  async ask(request: RequestPlan, options: AskOptions): Promise<Asked> {
    const { plan, signal } = this.#context;
    signal.throwIfAborted();
    const own = typeof options.on === 'object';
    const connection = own ? (options.on as Connection) : this.#take(options.on as 'fresh' | 'reused');
    const result = await this.#exchange(connection, request, options);
    if (!own) this.#giveBack(connection, options.on === 'reused');
    // No byte of it was sent: no client would call that a failure.
    if (isUnwritten(result)) return this.ask(request, { ...options, on: 'fresh' });
    const outcome = classify(request, result, plan.client, plan.blocked);
    if (outcome.kind === 'retryable') {
      // What a browser does, and hides: users notice nothing, and it is said all the same.
      this.fault('retried', result.sentAt, `${options.name ?? nameOf(request)}: ${outcome.cause}`, {
        at: result.endedAt,
      });
      return this.ask(request, { ...options, on: 'fresh' });
    }
    const asked = { ...fateOf(outcome, result, options), outcome, result, name: options.name ?? nameOf(request) };
    if (options.quiet !== true) this.#record(asked);
    return asked;
  }

  /** A connection that is kept open until `drop`, or the server's close. */
  connect(onIdleClose: IdleCloseListener = () => {}): Connection {
    this.#lastId += 1;
    const connection = connectionTo(this.#endpoint, this.#lastId, () => this.#context.clock.now(), onIdleClose);
    this.#open.add(connection);
    return connection;
  }

  drop(connection: Connection): void {
    this.#open.delete(connection);
    connection.destroy();
  }

  /** The probe works; said once. */
  sayReady(detail: string): void {
    if (this.#ready) return;
    this.#ready = true;
    this.#context.record({
      type: 'probe-ready',
      at: this.#context.clock.now(),
      detail: beginningOf(detail, MOST_TEXT),
    });
  }

  fault(
    count: string,
    since: number,
    detail: string,
    { at = this.#context.clock.now(), ...more }: FaultMore = {},
  ): void {
    this.#context.record({ type: 'probe-fault', at, count, since, detail: beginningOf(detail, MOST_TEXT), ...more });
  }

  /** A failed request as a fault. */
  failed(asked: Asked, more: Pick<FaultMore, 'instead'> = {}): void {
    const { result, name, detail } = asked;
    this.fault('failed', result.sentAt, `${name}: ${detail}`, { at: result.endedAt, ...doubtsOf(asked), ...more });
  }

  /** Adds to a figure. */
  count(name: string, by = 1): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + by;
  }

  /** Sets a figure. */
  gauge(name: string, value: number): void {
    this.#gauges[name] = value;
  }

  close(): void {
    this.#context.signal.removeEventListener('abort', this.#giveUp);
    this.#stopCounting();
    this.#sayCounts();
    for (const connection of this.#open) connection.destroy();
    this.#open.clear();
  }

  #take(kind: 'fresh' | 'reused'): Connection {
    if (kind === 'fresh') return this.connect();
    const now = (): number => this.#context.clock.now();
    for (;;) {
      const connection = this.#idle.shift();
      if (connection === undefined) return this.connect();
      const usable = !connection.gone && !connection.closeAnnounced;
      if (usable && now() - (connection.idleSince ?? now()) < MOST_IDLE_MS) return connection;
      this.drop(connection);
    }
  }

  #giveBack(connection: Connection, keep: boolean): void {
    if (keep && !connection.gone && !connection.closeAnnounced) this.#idle.push(connection);
    else this.drop(connection);
  }

  #exchange(connection: Connection, request: RequestPlan, options: AskOptions): Promise<Exchange> {
    const { plan, clock } = this.#context;
    const { contentLength, onBody } = options;
    const timer = new AbortController();
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const pending = connection.exchange(
        {
          method: request.method,
          target: request.path,
          headers: { 'user-agent': plan.userAgent, ...inLowerCase(request.headers) },
          body: contentLength === undefined ? request.body : { contentLength },
          keepBody: options.keepBody === true || needsBody(request.expect, plan.version),
          ...(onBody === undefined ? {} : { onBody }),
        },
        (result) => {
          timer.abort();
          this.#waiting.delete(reject);
          resolve(result);
        },
      );
      options.onPending?.(pending);
      clock.sleep(options.timeoutMs ?? plan.timeoutMs, timer.signal).then(
        () => pending.expire(),
        () => {},
      );
    });
  }

  #record({ fate, outcome, result, name, detail }: Asked): void {
    if (fate === 'none') {
      this.count(outcome.kind);
      return;
    }
    this.#context.record({
      type: 'probe-request',
      at: result.endedAt,
      name: beginningOf(name, MOST_TEXT),
      sentAt: result.sentAt,
      connection: result.reuse > 0 ? 'reused' : 'fresh',
      idleMs: result.idleMs,
      ok: fate === 'ok',
      detail: beginningOf(detail, MOST_TEXT),
      version: result.status === null ? null : versionOf(this.#context.plan.version, result),
    });
  }

  #sayCounts(): void {
    if (Object.keys(this.#counts).length === 0 && Object.keys(this.#gauges).length === 0) return;
    const at = this.#context.clock.now();
    this.#context.record({ type: 'probe-counts', at, counts: this.#counts, gauges: this.#gauges });
    this.#counts = {};
    this.#gauges = {};
  }

  #giveUp = (): void => {
    for (const reject of this.#waiting) reject(this.#context.signal.reason);
    this.#waiting.clear();
  };
}

/** Whether a failed request was answered, by the app and not by a server in need or a rate limiter. */
export function isOwnAnswer({ fate, outcome }: Asked): boolean {
  if (fate !== 'failed') return false;
  if (outcome.kind !== 'wrong') return outcome.kind === 'ok';
  return outcome.status < 500 && outcome.status !== 408 && outcome.status !== 429;
}

/** What a sleep of the harness could have to do with a failed request. */
function doubtsOf({ outcome, result }: Asked): Pick<ProbeFaultEvent, 'silent' | 'idleMs'> {
  if (outcome.kind !== 'lost' && outcome.kind !== 'retryable') return {};
  if (outcome.cause === 'timeout') return { silent: true };
  return result.reuse > 0 && result.firstByteAt === null ? { idleMs: result.idleMs } : {};
}

/** `GET /path`. */
export function nameOf({ method, path }: Pick<RequestPlan, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

function fateOf(outcome: Outcome, result: Exchange, { judge }: AskOptions): Pick<Asked, 'fate' | 'detail'> {
  switch (outcome.kind) {
    case 'ok': {
      const problem = judge?.(result) ?? null;
      return problem === null ? { fate: 'ok', detail: String(outcome.status) } : { fate: 'failed', detail: problem };
    }
    case 'wrong':
      return { fate: 'failed', detail: outcome.detail };
    case 'lost':
    case 'retryable':
      return { fate: 'failed', detail: outcome.detail === '' ? outcome.cause : `${outcome.cause} (${outcome.detail})` };
    case 'unsent':
    case 'blocked':
      return { fate: 'none', detail: outcome.detail };
  }
}

function inLowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
