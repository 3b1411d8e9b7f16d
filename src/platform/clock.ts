import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** The run's time: milliseconds since its start, monotonic, microsecond resolution, the same in every thread. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** CLOCK_MONOTONIC, ns: comparable between processes of one machine, so that marks of other processes fit in. */
export function monotonicNs(): bigint {
  return process.hrtime.bigint();
}

/** A clock whose time 0 is `originNs`. */
export function clockSince(originNs: bigint): Clock {
  // performance.now() is cheap but counts from the thread's start: tie it once to the machine-wide clock.
  const offsetMs = Number(monotonicNs() - originNs) / 1e6 - performance.now();
  return {
    now: () => Math.round((performance.now() + offsetMs) * 1000) / 1000,
    sleep: async (ms, signal) => {
      try {
        await delay(Math.max(0, ms), undefined, signal ? { signal } : {});
      } catch (error) {
        throw signal?.aborted ? signal.reason : error;
      }
    },
  };
}

/** Wall time, asked once a run. */
export function wallTime(): Date {
  return new Date();
}

/** Calls `task` every `ms` until the returned function is called. Never keeps the process alive by itself. */
export function every(ms: number, task: () => void): () => void {
  const timer = setInterval(task, ms);
  timer.unref();
  return () => clearInterval(timer);
}
