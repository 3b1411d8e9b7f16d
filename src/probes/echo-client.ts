import { jitteredBackoff } from './backoff.js';
import type { Client } from './client.js';
import { type EchoSocket, openEchoSocket, type Refusal } from './echo-socket.js';
import { type Message, type Messages, messagesOf } from './messages.js';
import type { ProbeOptions } from './plan.js';
import type { ProbeContext } from './probe.js';
import { type FailedAttempt, failedAttempt, outageLimitMs, slept } from './rounds.js';
import { repeat } from './schedule.js';

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 2000;
/** Bytes that may wait for a server that does not read. */
const MOST_UNSENT_BYTES = 1024 * 1024;

type Options = ProbeOptions['websocket'];

/** One client: its connection, again and again, and its messages. */
export class EchoClient {
  readonly #options: Options;
  readonly #context: ProbeContext;
  readonly #figures: Client;
  readonly #messages: Messages;
  readonly #outageMs: number;
  readonly #backoff: (attempt: number) => number;
  readonly #prefix: string;
  readonly #echo: RegExp;
  #socket: EchoSocket | null = null;
  /** Since when there is no connection; null while there is one. */
  #downSince: number | null;
  #failed = false;
  #everConnected = false;
  /** Attempts to connect since the last echo. */
  #attempts = 0;
  /** Why there is no connection. */
  #lastFailure: FailedAttempt = { fate: 'failed', detail: 'no answer yet' };
  #lastGoodAt: number;
  works = false;

  constructor(number: number, options: Options, context: ProbeContext, figures: Client) {
    const now = context.clock.now();
    this.#options = options;
    this.#context = context;
    this.#figures = figures;
    this.#outageMs = outageLimitMs(options.timeoutMs);
    this.#messages = messagesOf(options.timeoutMs, this.#outageMs);
    this.#backoff = jitteredBackoff(context.plan.seed + number, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS);
    // Of this run and this client alone: a server may send to all what one of them said.
    this.#prefix = `z${(context.plan.seed >>> 0).toString(36)}-${number}-`;
    this.#echo = new RegExp(`\\b${this.#prefix}(\\d{1,15})\\b`, 'g');
    this.#downSince = now;
    this.#lastGoodAt = now;
  }

  get connected(): boolean {
    return this.#socket?.open === true;
  }

  /** Nothing is under way: every message came back or was given up, or nothing can come back any more. */
  get settled(): boolean {
    return this.#failed || (this.#messages.open === 0 && this.#downSince === null);
  }

  /** Connects, and connects again, until `over`; sends until the probe is to stop. */
  async run(delayMs: number, over: AbortSignal): Promise<void> {
    const { clock, stopping, signal } = this.#context;
    if (!(await slept(clock, delayMs, over))) return;
    this.#downSince = clock.now();
    const timing = { clock, stopping: AbortSignal.any([stopping, over]), signal };
    const sending = repeat(timing, this.#options.everyMs, async () => this.#due());
    sending.catch(() => {});
    while (!over.aborted) {
      await this.#connection(over);
      await slept(clock, this.#backoff(this.#attempts), over);
      this.#attempts += 1;
    }
    if (!signal.aborted) await sending;
  }

  giveUpOverdue(now: number): void {
    if (this.#downSince !== null && !this.#failed && now - this.#downSince >= this.#outageMs) this.#outage();
    this.#lost(this.#messages.overdue(now));
  }

  giveUpTheRest(): void {
    this.#lost(this.#messages.rest());
  }

  /** One connection, from the attempt to its end. */
  async #connection(over: AbortSignal): Promise<void> {
    const { clock, plan, signal } = this.#context;
    const { path, headers, timeoutMs } = this.#options;
    const answered = new AbortController();
    const gone = new AbortController();
    await new Promise<void>((resolve) => {
      const end = (): void => {
        answered.abort();
        gone.abort();
        this.#socket = null;
        resolve();
      };
      const target = { endpoint: plan.endpoint, path, headers: { 'user-agent': plan.userAgent, ...headers } };
      const socket = openEchoSocket(
        { ...target, blocked: plan.blocked },
        {
          opened: () => {
            answered.abort();
            this.#opened(socket);
          },
          message: (text) => this.#read(text),
          failed: (outcome) => {
            if (!over.aborted) this.#notOpened(outcome);
            end();
          },
          ended: (code, detail) => {
            if (!over.aborted) this.#ended(code, detail);
            end();
          },
        },
      );
      slept(clock, timeoutMs, answered.signal).then((expired) => expired && socket.expire());
      over.addEventListener('abort', () => (signal.aborted ? socket.terminate() : socket.close()), {
        signal: gone.signal,
      });
    });
  }

  #opened(socket: EchoSocket): void {
    const now = this.#context.clock.now();
    this.#socket = socket;
    this.#figures.count('opened');
    if (this.#everConnected && this.#downSince !== null) {
      this.#context.record({ type: 'probe-time', at: now, name: 'reconnect', ms: now - this.#downSince });
    }
    this.#everConnected = true;
    this.#downSince = null;
    this.#failed = false;
    this.#lastGoodAt = now;
    for (const message of this.#messages.waiting()) this.#send(message);
  }

  #notOpened(outcome: Refusal): void {
    this.#lastFailure = failedAttempt(outcome);
    this.#figures.count(this.#lastFailure.fate === 'none' ? outcome.kind : 'handshakesFailed');
  }

  #ended(code: number, detail: string): void {
    const now = this.#context.clock.now();
    this.#figures.count(`closed_${code}`);
    this.#figures.fault('disconnects', this.#lastGoodAt, detail, { at: now });
    this.#messages.interrupted(now);
    this.#downSince = now;
    this.#lastFailure = { fate: 'failed', detail };
  }

  /** A message is due. */
  #due(): void {
    const message =
      (this.#socket?.unsentBytes ?? 0) > MOST_UNSENT_BYTES ? null : this.#messages.add(this.#context.clock.now());
    if (message === null) this.#figures.count('withheld');
    else if (this.connected) this.#send(message);
  }

  #send(message: Message): void {
    this.#socket?.send(JSON.stringify({ zdd: `${this.#prefix}${message.seq}` }));
    this.#messages.sent(message, this.#context.clock.now());
    this.#figures.count(message.sends === 1 ? 'sent' : 'resent');
  }

  #read(text: string): void {
    for (const [, seq] of text.matchAll(this.#echo)) {
      const echo = this.#messages.echoed(Number(seq));
      if (echo === 'again') this.#figures.count('duplicated');
      if (echo === 'late') this.#figures.count('echoedLate');
      if (echo !== 'first') continue;
      this.#figures.count('echoed');
      this.#lastGoodAt = this.#context.clock.now();
      this.#attempts = 0;
      this.works = true;
    }
  }

  #outage(): void {
    this.#failed = true;
    const { fate, detail } = this.#lastFailure;
    if (fate === 'failed')
      this.#figures.fault('failed', this.#downSince ?? this.#lastGoodAt, `no connection: ${detail}`, {
        silent: true,
      });
  }

  #lost(messages: Message[]): void {
    for (const { seq, dueAt, sends, sentAt } of messages) {
      // Never the target's doing: no connection could be made from here, or a rate limiter answered.
      if (sentAt === null && this.#lastFailure.fate === 'none') {
        this.#figures.count('withheld');
        continue;
      }
      const how = sentAt === null ? `no connection: ${this.#lastFailure.detail}` : 'no echo';
      this.#figures.fault('lost', dueAt, `message ${this.#prefix}${seq}, sent ${sends} times: ${how}`, {
        silent: true,
      });
    }
  }
}
