import { Worker } from 'node:worker_threads';
import { messageOf } from '../model/errors.js';
import { clockSince } from '../platform/clock.js';
import type { TrafficPlan } from './plan.js';
import type { Order, Shard, ThreadCommand, ThreadData, ThreadMessage } from './protocol.js';

/** Between the schedule's start and its first arrival, ms: the first turn of a loop takes longer than others. */
const LEAD_MS = 50;
/** The same where it was agreed on with others, ms. */
const MOST_LEAD_MS = 200;
/** An order to several threads takes effect so much later, ms, that every one has it by then. */
const NOTICE_MS = 500;
/** The same where it has to reach other machines. */
export const SHARD_NOTICE_MS = 2000;
const WHOLE: Shard = { index: 0, of: 1 };

/** Traffic under way in threads of its own. */
export interface Traffic {
  /** Time 0 of the schedule, ms since the run's start. */
  firstDueAt: number;
  /** Lets a stream arrive at another rate from now on; null: as the plan says. */
  changeRate(stream: number, ratePerSec: number | null): void;
  /** Carries out what was ordered elsewhere, at the instant it names. */
  follow(order: Order): void;
  /** Ends the schedule; resolves with the threads' own counts once the last request has ended. */
  stop(): Promise<Counts>;
  /** The threads' own counts, once the last request after the end of the schedule has ended. */
  ended: Promise<Counts>;
  /** Ends the threads at once; what is in flight is lost. */
  kill(): Promise<void>;
}

export interface Counts {
  due: number;
  recorded: number;
}

/** What a thread says, but for its start and its end, which are those of all threads together. */
export type TrafficMessage =
  | Exclude<ThreadMessage, { type: 'loaded' | 'ended' }>
  /** The schedule begins; nothing was sent before. */
  | { type: 'started'; at: number; firstDueAt: number }
  | ({ type: 'ended'; at: number } & Counts);

export interface TrafficOptions {
  originNs: bigint;
  onMessage(message: TrafficMessage): void;
  /** A thread failed: the run proves nothing from here on. */
  onFault(reason: string): void;
  /** The part of the schedule that is sent here; all of it where left out. */
  shard?: Shard;
  /** Called once every thread is loaded: when the schedule begins, ms since the run's start; at once where left out. */
  begin?(): Promise<number>;
  /** Told of every order to the threads, for those who send the other parts. */
  onOrder?(order: Order): void;
}

/**
 * Starts sending; resolves when every thread is loaded and the schedule begins, rejects where one fails before that.
 * The threads send and record, nothing else; their messages arrive at least ten times a second.
 */
export async function startTraffic(plan: TrafficPlan, options: TrafficOptions): Promise<Traffic> {
  const clock = clockSince(options.originNs);
  const { hear, flush } = plan.threads > 1 ? inOrder(options.onMessage) : { hear: options.onMessage, flush: () => {} };
  const threads = Array.from({ length: plan.threads }, (_, thread) =>
    startThread(
      { plan, thread, originNs: options.originNs, shard: options.shard ?? WHOLE },
      { ...options, onMessage: hear },
    ),
  );
  const ended = countAll(threads).then((counts) => {
    flush();
    options.onMessage({ type: 'ended', at: clock.now(), ...counts });
    return counts;
  });
  ended.catch(() => {});
  const tell = (command: ThreadCommand): void => {
    for (const { worker } of threads) worker.postMessage(command);
  };
  let firstDueAt: number;
  try {
    await Promise.all(threads.map(({ loaded }) => loaded));
    firstDueAt = (await options.begin?.()) ?? clock.now() + LEAD_MS;
    await clock.sleep(firstDueAt - MOST_LEAD_MS - clock.now());
  } catch (error) {
    await killAll(threads);
    throw error;
  }
  options.onMessage({ type: 'started', at: Math.min(clock.now(), firstDueAt), firstDueAt });
  tell({ type: 'start', firstDueAt });
  const noticeMs = options.shard === undefined ? (plan.threads > 1 ? NOTICE_MS : 0) : SHARD_NOTICE_MS;
  const soon = (): number => Math.round((clock.now() + noticeMs) * 1000) / 1000;
  const order = (what: Order): void => {
    options.onOrder?.(what);
    tell(what);
  };
  return {
    firstDueAt,
    changeRate: (stream, ratePerSec) => order({ type: 'rate', from: soon(), stream, ratePerSec }),
    follow: tell,
    stop: () => {
      order({ type: 'stop', at: soon() });
      return ended;
    },
    ended,
    kill: () => killAll(threads),
  };
}

/**
 * Hands on what several threads have sent in the order of their time: where this thread was kept from listening, one
 * thread's whole queue comes before the next one's.
 */
function inOrder(onMessage: TrafficOptions['onMessage']): { hear: TrafficOptions['onMessage']; flush(): void } {
  let waiting: TrafficMessage[] = [];
  const flush = (): void => {
    const messages = waiting.sort((a, b) => a.at - b.at);
    waiting = [];
    for (const message of messages) onMessage(message);
  };
  const hear = (message: TrafficMessage): void => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push(message);
  };
  return { hear, flush };
}

interface Thread {
  worker: Worker;
  loaded: Promise<void>;
  ended: Promise<Counts>;
}

function startThread(data: ThreadData, options: TrafficOptions): Thread {
  const name = `zdd-verify traffic ${data.thread}`;
  const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData: data, name });
  const loaded = settleable<void>();
  const ended = settleable<Counts>();
  worker.on('message', (message: ThreadMessage) => {
    if (message.type === 'loaded') loaded.resolve();
    else if (message.type === 'ended') ended.resolve({ due: message.due, recorded: message.recorded });
    else options.onMessage(message);
  });
  const fault = (reason: string): void => {
    loaded.reject(new Error(reason));
    ended.reject(new Error(reason));
    options.onFault(reason);
  };
  worker.on('error', (error) => fault(`a sending thread failed: ${messageOf(error)}`));
  worker.on('exit', (code) => {
    if (code !== 0) fault(`a sending thread ended with code ${code}`);
    else ended.reject(new Error('a sending thread ended early'));
  });
  return { worker, loaded: loaded.promise, ended: ended.promise };
}

async function countAll(threads: readonly Thread[]): Promise<Counts> {
  const all = await Promise.all(threads.map(({ ended }) => ended));
  return all.reduce((a, b) => ({ due: a.due + b.due, recorded: a.recorded + b.recorded }));
}

async function killAll(threads: readonly Thread[]): Promise<void> {
  for (const { worker } of threads) worker.removeAllListeners('exit');
  await Promise.all(threads.map(({ worker }) => worker.terminate()));
}

/** A promise and its two ends. A rejection that nobody waits for is no fault. */
function settleable<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((...ends) => {
    [resolve, reject] = ends;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
