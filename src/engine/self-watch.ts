import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const EVERY_MS = 1000;
const RESOLUTION_MS = 10;

/** The sending thread observed by itself, once a second. */
export class SelfWatch {
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #observedAt: number | null = null;
  #cpu = process.cpuUsage();

  constructor() {
    this.#loop.enable();
  }

  /** What was seen since the last observation; null where that is less than a second ago. */
  observe(now: number): { eventLoopDelayMs: { p99: number; max: number }; cpu: number } | null {
    if (this.#observedAt !== null && now - this.#observedAt < EVERY_MS) return null;
    const spent = process.cpuUsage(this.#cpu);
    const cpu = this.#observedAt === null ? 0 : (spent.user + spent.system) / 1000 / (now - this.#observedAt);
    // The histogram holds the time between its timer's ticks: the delay is what exceeds their interval.
    const delay = (ns: number): number => Math.max(0, Math.round(ns / 1e3 - RESOLUTION_MS * 1e3) / 1e3);
    const eventLoopDelayMs = { p99: delay(this.#loop.percentile(99)), max: delay(this.#loop.max) };
    this.#observedAt = now;
    this.#cpu = process.cpuUsage();
    this.#loop.reset();
    return { eventLoopDelayMs, cpu: Math.round(cpu * 1000) / 1000 };
  }

  close(): void {
    this.#loop.disable();
  }
}
