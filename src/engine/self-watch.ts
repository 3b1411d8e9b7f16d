import { type IntervalHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

const EVERY_MS = 1000;
const RESOLUTION_MS = 10;

/** What a sending thread saw of itself since it last looked. */
export interface SelfObservation {
  /** How late the loop's own ticks were, ms. */
  eventLoopDelayMs: { p99: number; max: number };
  /** Garbage collections of this thread that ended in that time: the longest, and all together, ms. */
  gcMs: { max: number; total: number };
  /** User + system CPU time of the whole process per wall time; 1 is one core. */
  cpu: number;
}

/** The sending thread observed by itself, once a second. */
export class SelfWatch {
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #collector = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      this.#gc.total += duration;
      this.#gc.max = Math.max(this.#gc.max, duration);
    }
  });
  #gc = { max: 0, total: 0 };
  #observedAt: number | null = null;
  #cpu = process.cpuUsage();

  constructor() {
    this.#loop.enable();
    // Told of the collections of this thread alone: every thread has a heap of its own.
    this.#collector.observe({ entryTypes: ['gc'] });
  }

  /** What was seen since the last observation; null where that is less than a second ago. */
  observe(now: number): SelfObservation | null {
    if (this.#observedAt !== null && now - this.#observedAt < EVERY_MS) return null;
    const spent = process.cpuUsage(this.#cpu);
    const cpu = this.#observedAt === null ? 0 : (spent.user + spent.system) / 1000 / (now - this.#observedAt);
    // The histogram holds the time between its timer's ticks: the delay is what exceeds their interval.
    const delay = (ns: number): number => Math.max(0, rounded(ns / 1e6 - RESOLUTION_MS));
    const eventLoopDelayMs = { p99: delay(this.#loop.percentile(99)), max: delay(this.#loop.max) };
    const gcMs = { max: rounded(this.#gc.max), total: rounded(this.#gc.total) };
    this.#observedAt = now;
    this.#cpu = process.cpuUsage();
    this.#loop.reset();
    this.#gc = { max: 0, total: 0 };
    return { eventLoopDelayMs, gcMs, cpu: rounded(cpu) };
  }

  close(): void {
    this.#loop.disable();
    this.#collector.disconnect();
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
