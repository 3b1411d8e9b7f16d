import { Worker } from 'node:worker_threads';
import { messageOf } from '../model/errors.js';
import type { TrafficPlan } from './plan.js';
import type { StopMessage, ThreadData, ThreadMessage } from './protocol.js';

/** Traffic under way in a thread of its own. */
export interface Traffic {
  /** Ends the schedule; resolves with the thread's own counts once the last request has ended. */
  stop(): Promise<{ due: number; recorded: number }>;
  /** Ends the thread at once; what is in flight is lost. */
  kill(): Promise<void>;
}

export interface TrafficOptions {
  originNs: bigint;
  firstDueAt: number;
  onMessage(message: ThreadMessage): void;
  /** The thread failed: the run proves nothing from here on. */
  onFault(reason: string): void;
}

/** Starts sending. The thread sends and records, nothing else; its messages arrive at least ten times a second. */
export function startTraffic(plan: TrafficPlan, options: TrafficOptions): Traffic {
  const data: ThreadData = { plan, originNs: options.originNs, firstDueAt: options.firstDueAt };
  const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData: data, name: 'zdd-verify traffic' });
  let resolve: (counts: { due: number; recorded: number }) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const ended = new Promise<{ due: number; recorded: number }>((...settle) => {
    [resolve, reject] = settle;
  });
  ended.catch(() => {});
  worker.on('message', (message: ThreadMessage) => {
    options.onMessage(message);
    if (message.type === 'ended') resolve({ due: message.due, recorded: message.recorded });
  });
  const fault = (reason: string): void => {
    reject(new Error(reason));
    options.onFault(reason);
  };
  worker.on('error', (error) => fault(`the sending thread failed: ${messageOf(error)}`));
  worker.on('exit', (code) => {
    if (code !== 0) fault(`the sending thread ended with code ${code}`);
    else reject(new Error('the sending thread ended early'));
  });
  return {
    stop: () => {
      const message: StopMessage = { type: 'stop' };
      worker.postMessage(message);
      return ended;
    },
    kill: async () => {
      worker.removeAllListeners('exit');
      await worker.terminate();
    },
  };
}
