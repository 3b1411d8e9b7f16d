import { createReadStream } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Agent, type Dispatcher, request } from 'undici';
import type { Order } from '../../engine/protocol.js';
import { messageOf, ZddError } from '../../model/errors.js';
import { type Clock, every } from '../../platform/clock.js';
import { linesOf } from '../../platform/lines.js';
import { BEAT_MS, clockAnswer, HANDED_OVER, LOST_MS, MOST_BYTES, type OrderLine, orderLine } from './protocol.js';

const RETRY_MS = 500;
/** Questions for the conductor's clock before the traffic begins; the quickest answer counts. */
const FIRST_QUESTIONS = 20;
/** Answers among which the quickest counts later. */
const ANSWERS_KEPT = 10;

export interface FollowerOptions {
  /** Of this shard, from 2. */
  number: number;
  of: number;
  /** Where the conductor listens: host:port. */
  conductor: string;
  token: string;
  joinWithinMs: number;
  /** See `planDigest`. */
  digest: string;
  /** Sending threads of this shard. */
  threads: number;
  clock: Clock;
}

/** The conductor's clock: what has to be added to this one's, and how far that may be off, ms. */
export interface ClockOffset {
  offsetMs: number;
  errorMs: number;
}

/** A shard that has joined a run. */
export interface Follower {
  runId: string;
  seed: number;
  startedAt: string;
  /** Says that everything is loaded; resolves with the beginning of the schedule in this clock, and in the conductor's. */
  begin(): Promise<{ firstDueAt: number; leadFirstDueAt: number }>;
  /** Told of every order from then on, in this clock. */
  onOrder(listener: (order: Order) => void): void;
  /** Resolves with the reason where the conductor is lost before it has ordered the end. */
  lost: Promise<string>;
  /** The latest reading of the conductor's clock. */
  clockOffset(): ClockOffset;
  /** Hands the record in `dir` over, and says what went wrong here. */
  handOver(dir: string, faults: readonly string[]): Promise<void>;
  /** Leaves the run: where the record was not handed over, the conductor hears at once that this shard is lost. */
  close(): void;
}

/** Joins the run of the conductor, which may not be there yet. Throws SHARD_REFUSED. */
export async function joinRun(options: FollowerOptions): Promise<Follower> {
  const agent = new Agent({ connect: { timeout: 5000 }, headersTimeout: LOST_MS, bodyTimeout: LOST_MS });
  try {
    return await joinOver(agent, options);
  } catch (error) {
    void agent.destroy();
    throw error;
  }
}

async function joinOver(agent: Agent, options: FollowerOptions): Promise<Follower> {
  const { clock, number } = options;
  const ask = (path: string, more: Partial<Dispatcher.RequestOptions> & { headers?: Record<string, string> } = {}) => {
    const { headers, ...rest } = more;
    return request(`http://${options.conductor}${path}${path.includes('?') ? '&' : '?'}shard=${number}`, {
      ...(rest as object),
      dispatcher: agent,
      headers: { authorization: `Bearer ${options.token}`, ...headers },
    });
  };
  const body = await firstAnswer(options, () =>
    ask('/orders', {
      headers: {
        'x-zdd-shards': String(options.of),
        'x-zdd-plan': options.digest,
        'x-zdd-threads': String(options.threads),
        'x-zdd-host': hostname(),
      },
    }),
  );

  const clocks = new ClockReadings(clock, async () => {
    const answer = await ask('/clock');
    return clockAnswer.parse(JSON.parse(await textOf(answer.body))).now;
  });
  let listener: (order: Order) => void = () => {};
  const early: Order[] = [];
  let welcomed: (line: Extract<OrderLine, { type: 'welcome' }>) => void = () => {};
  let began: (firstDueAt: number) => void = () => {};
  let ended = false;
  let loss: (reason: string) => void = () => {};
  const lost = new Promise<string>((resolve) => {
    loss = resolve;
  });
  const welcome = new Promise<Extract<OrderLine, { type: 'welcome' }>>((resolve) => {
    welcomed = resolve;
  });
  const begin = new Promise<number>((resolve) => {
    began = resolve;
  });
  let toOwn: (leadAt: number) => number = (at) => at;
  const hear = (line: OrderLine): void => {
    if (line.type === 'welcome') welcomed(line);
    else if (line.type === 'begin') began(line.firstDueAt);
    else if (line.type === 'dismissed') loss(line.reason);
    else if (line.type === 'rate' || line.type === 'stop') {
      if (line.type === 'stop') ended = true;
      const order: Order = line.type === 'rate' ? { ...line, from: toOwn(line.from) } : { ...line, at: toOwn(line.at) };
      if (listening) listener(order);
      else early.push(order);
    }
  };
  let listening = false;
  void (async () => {
    try {
      for await (const line of linesOf(bounded(body))) hear(orderLine.parse(JSON.parse(line)));
      if (!ended) loss('the conductor of the run has gone');
    } catch (error) {
      if (!ended) loss(`the conductor of the run is lost: ${messageOf(error)}`);
    }
  })();
  const { runId, seed, startedAt } = await Promise.race([welcome, lost.then(refused)]);
  for (let asked = 0; asked < FIRST_QUESTIONS; asked += 1) await clocks.ask().catch(() => {});
  if (clocks.best === null) throw refused('its clock does not answer');
  const stopAsking = every(BEAT_MS, () => void clocks.ask().catch(() => {}));
  return {
    runId,
    seed,
    startedAt,
    async begin() {
      await expectOk(await ask('/ready', { method: 'POST' }));
      const leadFirstDueAt = await Promise.race([begin, lost.then(refused)]);
      const firstDueAt = Math.round((leadFirstDueAt - (clocks.best as ClockOffset).offsetMs) * 1000) / 1000;
      // One distance for all of the run, in whole microseconds: what is the same instant of the schedule stays so.
      toOwn = (leadAt) => Math.round((firstDueAt + (leadAt - leadFirstDueAt)) * 1000) / 1000;
      return { firstDueAt, leadFirstDueAt };
    },
    onOrder(next) {
      listener = next;
      listening = true;
      for (const order of early.splice(0)) next(order);
    },
    lost,
    clockOffset: () => clocks.best as ClockOffset,
    async handOver(dir, faults) {
      for (const file of HANDED_OVER) {
        const path = `/record?file=${file}`;
        await expectOk(await ask(path, { method: 'PUT', body: createReadStream(join(dir, file)) }));
      }
      await expectOk(await ask('/ended', { method: 'POST', body: JSON.stringify({ faults: faults.slice(0, 100) }) }));
    },
    close() {
      stopAsking();
      void agent.destroy();
    },
  };
}

/** Asks until the conductor is there; it may be started later than this shard. */
async function firstAnswer(
  { clock, joinWithinMs, conductor }: FollowerOptions,
  ask: () => Promise<Dispatcher.ResponseData>,
): Promise<Dispatcher.ResponseData['body']> {
  const until = clock.now() + joinWithinMs;
  for (;;) {
    const answer = await ask().catch((error: unknown) => messageOf(error));
    if (typeof answer !== 'string') {
      if (answer.statusCode === 200) return answer.body;
      throw refused((await textOf(answer.body)) || `status ${answer.statusCode}`);
    }
    if (clock.now() > until) throw refused(`there is nobody at ${conductor} (${answer})`);
    await clock.sleep(RETRY_MS);
  }
}

function refused(reason: string): never {
  throw new ZddError('SHARD_REFUSED', `this shard is not part of the run: ${reason}`, {
    hint: 'every shard is started with the same scenario, --set, token and number of shards',
  });
}

async function expectOk({ statusCode, body }: Dispatcher.ResponseData): Promise<void> {
  const text = await textOf(body);
  if (statusCode !== 200) throw new Error(text || `the conductor answered ${statusCode}`);
}

async function textOf(body: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const piece of bounded(body)) text += piece;
  return text;
}

/** No line of a stranger fills the memory. */
async function* bounded(body: AsyncIterable<unknown>): AsyncGenerator<string> {
  let sinceEnd = 0;
  for await (const piece of body) {
    const text = String(piece);
    sinceEnd = text.includes('\n') ? text.length - text.lastIndexOf('\n') : sinceEnd + text.length;
    if (sinceEnd > MOST_BYTES) throw new Error('the conductor’s message is too long');
    yield text;
  }
}

/**
 * How far the conductor's clock is ahead, by asking for it: its time lies in the middle of question and answer, give or
 * take half the round trip (Cristian 1989). Of the latest answers the quickest counts.
 */
class ClockReadings {
  readonly #clock: Clock;
  readonly #ask: () => Promise<number>;
  #readings: ClockOffset[] = [];

  constructor(clock: Clock, ask: () => Promise<number>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  async ask(): Promise<void> {
    const before = this.#clock.now();
    const there = await this.#ask();
    const after = this.#clock.now();
    const reading = { offsetMs: there - (before + after) / 2, errorMs: (after - before) / 2 };
    this.#readings = [...this.#readings.slice(1 - Math.max(ANSWERS_KEPT, FIRST_QUESTIONS)), reading];
  }

  get best(): ClockOffset | null {
    return this.#readings.reduce<ClockOffset | null>(
      (best, reading) => (best === null || reading.errorMs < best.errorMs ? reading : best),
      null,
    );
  }
}
