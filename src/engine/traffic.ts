import { Worker } from 'node:worker_threads';
import { messageOf } from '../model/errors.js';
import type { TrafficPlan } from './plan.js';
import type { StopMessage, ThreadData, ThreadMessage } from './protocol.js';

/** Traffic under way in a thread of its own. */
export interface Traffic {
  /** When arrival 0 is due, ms since the run's start. */
  firstDueAt: number;
  /** Ends the schedule; resolves with the thread's own counts once the last request has ended. */
  stop(): Promise<{ due: number; recorded: number }>;
  /** Ends the thread at once; what is in flight is lost. */
  kill(): Promise<void>;
}

export interface TrafficOptions {
  originNs: bigint;
  onMessage(message: ThreadMessage): void;
  /** The thread failed: the run proves nothing from here on. */
  onFault(reason: string): void;
}

/**
 * Starts sending; resolves once the thread is loaded and its schedule begins, rejects where it fails before that.
 * The thread sends and records, nothing else; its messages arrive at least ten times a second.
 */
export async function startTraffic(plan: TrafficPlan, options: TrafficOptions): Promise<Traffic> {
  const data: ThreadData = { plan, originNs: options.originNs };
  const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData: data, name: 'zdd-verify traffic' });
  const started = settleable<number>();
  const ended = settleable<{ due: number; recorded: number }>();
  worker.on('message', (message: ThreadMessage) => {
    options.onMessage(message);
    if (message.type === 'started') started.resolve(message.firstDueAt);
    if (message.type === 'ended') ended.resolve({ due: message.due, recorded: message.recorded });
  });
  const fault = (reason: string): void => {
    started.reject(new Error(reason));
    ended.reject(new Error(reason));
    options.onFault(reason);
  };
  worker.on('error', (error) => fault(`the sending thread failed: ${messageOf(error)}`));
  worker.on('exit', (code) => {
    if (code !== 0) fault(`the sending thread ended with code ${code}`);
    else ended.reject(new Error('the sending thread ended early'));
  });
  return {
    firstDueAt: await started.promise,
    stop: () => {
      const message: StopMessage = { type: 'stop' };
      worker.postMessage(message);
      return ended.promise;
    },
    kill: async () => {
      worker.removeAllListeners('exit');
      await worker.terminate();
    },
  };
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
