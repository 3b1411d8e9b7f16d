import { Worker } from 'node:worker_threads';
import { messageOf } from '../model/errors.js';
import { type Clock, clockSince } from '../platform/clock.js';
import type { ProbesPlan } from './plan.js';
import type { PhaseBegun } from './probe.js';
import type { ProbesCommand, ProbesMessage, ProbesThreadData } from './protocol.js';

/** Probes under way in a thread of their own. */
export interface Probes {
  /** Tells them that a phase of the run has begun. */
  phase(begun: PhaseBegun): void;
  /** Lets them finish what is under way; resolves when the thread has ended, in order or not, within a bounded time. */
  stop(): Promise<void>;
}

export interface ProbesOptions {
  originNs: bigint;
  onMessage(message: ProbesMessage): void;
  /** The harness failed: the run proves nothing from here on. */
  onFault(reason: string): void;
}

/** Beyond the time-outs: what reading a ledger back may take, and a first long request. */
const END_MS = 120_000;
/** From `abort` to the end of the thread. */
const ABORT_MS = 2000;

/** Starts the probes of a plan; resolves once their thread is loaded, rejects where it fails before that. */
export async function startProbes(plan: ProbesPlan, options: ProbesOptions): Promise<Probes> {
  const data: ProbesThreadData = { plan, originNs: options.originNs };
  const clock = clockSince(options.originNs);
  const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData: data, name: 'zdd-verify probes' });
  const tell = (command: ProbesCommand): void => worker.postMessage(command);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    worker.on('message', ({ type }: ProbesMessage) => type === 'ended' && resolve());
    worker.once('exit', () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    const fault = (reason: string): void => {
      if (over) return;
      reject(new Error(reason));
      options.onFault(reason);
    };
    worker.on('message', (message: ProbesMessage) => {
      if (message.type === 'loaded') resolve();
      if (message.type === 'fault') fault(message.reason);
      if (message.type === 'ended') over = true;
      options.onMessage(message);
    });
    worker.on('error', (error) => fault(`the probes' thread failed: ${messageOf(error)}`));
    worker.on('exit', () => fault("the probes' thread ended early"));
  });
  return {
    phase: (phase) => tell({ type: 'phase', phase }),
    stop: async () => {
      tell({ type: 'stop' });
      if (!(await within(clock, ended, plan.timeoutMs * 3 + longestUploadMs(plan) + END_MS))) {
        options.onFault('the probes did not end');
        over = true;
        tell({ type: 'abort' });
        await within(clock, ended, ABORT_MS);
      }
      await worker.terminate();
    },
  };
}

/** Whether something happens within `ms`. */
async function within(clock: Clock, happens: Promise<void>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = clock.sleep(ms, timer.signal).then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([happens.then(() => true), late]);
  } finally {
    timer.abort();
  }
}

function longestUploadMs({ probes }: ProbesPlan): number {
  return Math.max(0, ...probes.map((probe) => (probe.probe === 'upload' ? probe.overMs : 0)));
}
