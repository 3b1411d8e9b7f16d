import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import { beginningOf } from '../model/cut.js';
import { classify } from '../wire/classify.js';
import type { WireRequest } from '../wire/connection.js';
import type { Exchange } from '../wire/exchange.js';
import type { Client } from './client.js';
import { type EventIds, eventIds, type IdScheme } from './event-ids.js';
import type { ProbeOptions } from './plan.js';
import type { ProbeContext } from './probe.js';
import { type FailedAttempt, failedAttempt, outageLimitMs, slept } from './rounds.js';
import type { Silences } from './silences.js';

/** Where the server does not say how long to wait; browsers wait for seconds, which would blur what is measured. */
const RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;
const LONGEST_BACKOFF_MS = 2000;
const MAX_EVENT_CHARACTERS = 1024 * 1024;
const MAX_LAST_ID_CHARACTERS = 1024;
const SHOWN_ID_CHARACTERS = 40;
/** Faults on record of one gap; how many more events it holds is only counted. */
const MOST_FAULTS_OF_A_GAP = 1000;
type State = 'waiting' | 'refused' | 'open';

const STREAM = /^text\/event-stream\b/i;
/** What an answer must be to be a stream. */
const EXPECT = {
  statuses: [200],
  body: null,
  json: [],
  headers: [{ name: 'content-type', value: STREAM }],
};

/** What all streams of a probe have in common. */
export interface Streams {
  options: ProbeOptions['sse'];
  context: ProbeContext;
  figures: Client;
  scheme: IdScheme;
  silences: Silences;
}

/** One client: its connection, again and again, and what came on it. */
export class EventStream {
  readonly #all: Streams;
  readonly #ids: EventIds;
  /** Since when there is no connection; null while there is one. */
  #downSince: number | null;
  #failed = false;
  /** Attempts to connect since the last byte of a stream. */
  #attempts = 0;
  /** Why there is no connection. */
  #lastFailure: FailedAttempt = { fate: 'failed', detail: 'no answer yet' };
  #retryMs = RETRY_MS;
  #lastId = '';
  /** The next event is the first on its connection. */
  #resumed = false;
  #lastGoodAt: number;
  #lastEventAt: number;
  #silentSince = 0;
  #silenceCounted = false;
  /** It was open once. */
  works = false;

  constructor(all: Streams) {
    this.#all = all;
    this.#ids = eventIds(all.scheme);
    this.#lastGoodAt = all.context.clock.now();
    this.#lastEventAt = this.#lastGoodAt;
    this.#downSince = this.#lastGoodAt;
  }

  get connected(): boolean {
    return this.#downSince === null;
  }

  /** No outage whose end is open. */
  get settled(): boolean {
    return this.connected || this.#failed;
  }

  /** Connects, and connects again, until `over`. */
  async run(delayMs: number, over: AbortSignal): Promise<void> {
    const { clock } = this.#all.context;
    if (!(await slept(clock, delayMs, over))) return;
    this.#downSince = clock.now();
    while (!over.aborted) {
      await this.#connection(over);
      const waitMs = Math.min(this.#retryMs * 2 ** this.#attempts, Math.max(this.#retryMs, LONGEST_BACKOFF_MS));
      this.#attempts += 1;
      await slept(clock, waitMs, over);
    }
  }

  round(now: number, late: boolean): void {
    if (late) this.#silentSince = now;
    else if (this.connected) this.#listen(now);
    else this.#giveUp(now);
  }

  /** One connection, from the attempt to its end. */
  async #connection(over: AbortSignal): Promise<void> {
    const { context, figures } = this.#all;
    const { clock, plan } = context;
    const connection = figures.connect();
    const answered = new AbortController();
    const gone = new AbortController();
    let state = 'waiting' as State;
    const result = await new Promise<Exchange>((resolve) => {
      const read = this.#reader();
      const request: WireRequest = {
        ...this.#request(),
        onHead: (status, headers) => {
          answered.abort();
          state = status === 200 && STREAM.test(headers['content-type'] ?? '') ? 'open' : 'refused';
          if (state === 'open') this.#opened();
          // Nothing of another answer's body is of use.
          else pending.expire();
        },
        onBody: (piece) => {
          if (state === 'open') read(piece);
        },
      };
      const pending = connection.exchange(request, resolve);
      slept(clock, plan.timeoutMs, answered.signal).then((expired) => expired && pending.expire());
      over.addEventListener('abort', () => pending.expire(), { signal: gone.signal });
    });
    answered.abort();
    gone.abort();
    figures.drop(connection);
    if (over.aborted) return;
    if (state === 'open') this.#ended(result);
    else this.#notOpened(state === 'refused' ? { ...result, failure: null } : result);
  }

  #request(): WireRequest {
    const { options, context } = this.#all;
    const headers: Record<string, string> = { 'user-agent': context.plan.userAgent };
    for (const [name, value] of Object.entries(options.headers)) headers[name.toLowerCase()] = value;
    headers.accept ??= 'text/event-stream';
    headers['cache-control'] ??= 'no-cache';
    // In UTF-8, as browsers send it; a header is written byte by byte.
    if (this.#lastId !== '') headers['last-event-id'] = Buffer.from(this.#lastId).toString('latin1');
    return { method: 'GET', target: options.path, headers, body: null, keepBody: false, endless: true };
  }

  #opened(): void {
    const { context, figures } = this.#all;
    const now = context.clock.now();
    figures.count('opened');
    if (this.works && this.#downSince !== null) {
      context.record({ type: 'probe-time', at: now, name: 'reconnect', ms: now - this.#downSince });
    }
    this.works = true;
    this.#downSince = null;
    this.#failed = false;
    this.#resumed = true;
    this.#lastGoodAt = now;
    this.#silentSince = now;
    this.#silenceCounted = false;
  }

  #ended(result: Exchange): void {
    const { figures } = this.#all;
    const how = result.failure === null ? 'ended in order' : failedAttempt(this.#fateOf(result)).detail;
    figures.fault('disconnects', this.#lastGoodAt, `${how}; the last event was ${shown(this.#lastId)}`, {
      at: result.endedAt,
    });
    figures.count(result.failure === null ? 'endedInOrder' : 'cut');
    this.#downSince = result.endedAt;
    this.#lastFailure = { fate: 'failed', detail: how };
  }

  #notOpened(result: Exchange): void {
    const outcome = this.#fateOf(result);
    this.#lastFailure = failedAttempt(outcome);
    this.#all.figures.count(this.#lastFailure.fate === 'none' ? outcome.kind : 'attemptsFailed');
  }

  #fateOf(result: Exchange): Exclude<ReturnType<typeof classify>, { kind: 'ok' }> {
    const outcome = classify({ method: 'GET', expect: EXPECT }, result, 'strict', this.#all.context.plan.blocked);
    if (outcome.kind !== 'ok') return outcome;
    return { kind: 'lost', cause: 'protocol', status: outcome.status, detail: 'no stream of events' };
  }

  /** Reads the pieces of one connection. */
  #reader(): (piece: Buffer) => void {
    const decoder = new TextDecoder();
    const parser: EventSourceParser = createParser({
      onEvent: (event) => this.#event(event),
      onRetry: (ms) => {
        this.#retryMs = Math.min(ms, LONGEST_RETRY_MS);
      },
      onError: ({ type }) => {
        if (type !== 'max-buffer-size-exceeded') return;
        this.#all.figures.count('oversized');
        this.#ids.forget();
        parser.reset();
      },
      maxBufferSize: MAX_EVENT_CHARACTERS,
    });
    return (piece) => {
      const now = this.#all.context.clock.now();
      this.#attempts = 0;
      this.#lastGoodAt = now;
      this.#listen(now);
      this.#silentSince = now;
      this.#silenceCounted = false;
      parser.feed(decoder.decode(piece, { stream: true }));
    };
  }

  #event({ id }: EventSourceMessage): void {
    const { figures, context } = this.#all;
    figures.count('events');
    if (id === undefined) return;
    const before = { id: this.#lastId, at: this.#lastEventAt };
    this.#lastId = id.length <= MAX_LAST_ID_CHARACTERS ? id : '';
    this.#lastEventAt = context.clock.now();
    const seen = this.#ids.see(id, this.#resumed, this.#lastEventAt);
    this.#resumed = false;
    if (seen.kind === 'repeated') figures.count('repeated');
    if (seen.kind === 'restarted') figures.count('restarts');
    if (seen.kind !== 'gap') return;
    const gap = `${shown(id)} came after ${shown(before.id)}`;
    for (let index = 1; index <= Math.min(seen.missing, MOST_FAULTS_OF_A_GAP); index += 1) {
      figures.fault('lost', before.at, `event ${seen.after + index} never came: ${gap}`);
    }
    if (seen.missing > MOST_FAULTS_OF_A_GAP) figures.count('lostMore', seen.missing - MOST_FAULTS_OF_A_GAP);
  }

  #listen(now: number): void {
    if (!this.#all.silences.heard(now - this.#silentSince) || this.#silenceCounted) return;
    this.#silenceCounted = true;
    this.#all.figures.count('silences');
  }

  /** Once an outage: longer than users can be asked to wait, the wait that the server asked for left out. */
  #giveUp(now: number): void {
    const { context, figures } = this.#all;
    const since = this.#downSince ?? now;
    const askedMs = this.#retryMs > RETRY_MS ? this.#retryMs : 0;
    if (this.#failed || now - since < outageLimitMs(context.plan.timeoutMs) + askedMs) return;
    this.#failed = true;
    const { fate, detail } = this.#lastFailure;
    if (fate === 'failed') figures.fault('failed', since, `no connection: ${detail}`, { silent: true });
  }
}

function shown(id: string): string {
  return id === '' ? 'without an id' : JSON.stringify(beginningOf(id, SHOWN_ID_CHARACTERS));
}
