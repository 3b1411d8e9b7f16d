import { performance } from 'node:perf_hooks';
import { setTimeout as delay, setImmediate as socketsRead } from 'node:timers/promises';

/** The run's time: milliseconds since its start, monotonic, microsecond resolution, the same in every thread. */
export interface Clock {
  now(): number;
  /**
   * Resolves after `ms`, when what came meanwhile has been read from the sockets; rejects with the signal's reason when it
   * is aborted.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** CLOCK_MONOTONIC, ns: comparable between processes of one machine, so that marks of other processes fit in. */
export function monotonicNs(): bigint {
  return process.hrtime.bigint();
}

/** A clock whose time 0 is `originNs`. */
export function clockSince(originNs: bigint): Clock {
  const offsetMs = offsetFrom(originNs);
  return {
    now: () => Math.round((performance.now() + offsetMs) * 1000) / 1000,
    sleep: async (ms, signal) => {
      try {
        await delay(Math.max(0, ms), undefined, signal ? { signal } : {});
        // Timers come before sockets in a turn of the loop: after a pause of the harness, an answer or a close may still
        // wait in one.
        await socketsRead(undefined, signal ? { signal } : {});
      } catch (error) {
        throw signal?.aborted ? signal.reason : error;
      }
    },
  };
}

/** Readings of both clocks, to find one in which nothing came between. */
const TRIES = 20;

/**
 * performance.now() is cheap but counts from the thread's start: what has to be added to it, ms. It is read between two
 * readings of the machine-wide clock, and the narrowest of several such pairs counts: a thread that lost its core in
 * between would be early or late all through the run.
 */
function offsetFrom(originNs: bigint): number {
  let narrowest = Number.POSITIVE_INFINITY;
  let offsetMs = 0;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = monotonicNs();
    const here = performance.now();
    const after = monotonicNs();
    if (Number(after - before) >= narrowest) continue;
    narrowest = Number(after - before);
    offsetMs = (Number(before - originNs) + narrowest / 2) / 1e6 - here;
  }
  return offsetMs;
}

/** Wall time, which may jump: for people, and for what was stamped with it. */
export function wallTime(): Date {
  return new Date();
}

/** Calls `task` every `ms` until the returned function is called. Never keeps the process alive by itself. */
export function every(ms: number, task: () => void): () => void {
  const timer = setInterval(task, ms);
  timer.unref();
  return () => clearInterval(timer);
}
