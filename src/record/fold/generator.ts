import type { HarnessEvent, PauseEvent, TrafficEndedEvent, TrafficStartedEvent } from '../../model/event.js';
import type { Generator } from '../../model/run.js';
import type { Sample } from '../../model/sample.js';
import { createLatencies, recordMs } from './latencies.js';
import type { PhaseLog } from './phases.js';

/** Pauses of the harness listed at most. */
const PAUSES_KEPT = 2000;

export interface GeneratorLog {
  event(e: HarnessEvent | PauseEvent | TrafficStartedEvent | TrafficEndedEvent): void;
  /** A judged sample. */
  sample(sample: Sample): void;
  generator(rows: number, largestSendGapMs: number): Generator;
  schedule(): { firstDueAt: number; ratePerSec: number; due: number | null } | null;
  ended(): TrafficEndedEvent | null;
  /** How much of a span of time the harness itself was not running, ms. */
  asleepMs(from: number, to: number): number;
}

/** The sending thread about itself, from the end of the warm-up on. */
export function createGeneratorLog(log: PhaseLog, targetRate: number): GeneratorLog {
  const lateness = createLatencies();
  const pauses: Generator['pauses'] = [];
  const loop = { p99: 0, max: 0 };
  const sends = { count: 0, first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  let peakInFlight = 0;
  let cpuMs = 0;
  let watchedMs = 0;
  let watchedAt: number | null = null;
  let started: TrafficStartedEvent | null = null;
  let ended: TrafficEndedEvent | null = null;

  const watch = (e: HarnessEvent) => {
    const spanMs = watchedAt === null ? 0 : e.at - watchedAt;
    watchedAt = e.at;
    if (e.at < (log.judgedFrom() ?? Number.POSITIVE_INFINITY)) return;
    loop.p99 = Math.max(loop.p99, e.eventLoopDelayMs.p99);
    loop.max = Math.max(loop.max, e.eventLoopDelayMs.max);
    peakInFlight = Math.max(peakInFlight, e.inFlight);
    cpuMs += e.cpu * spanMs;
    watchedMs += spanMs;
  };

  return {
    event(e) {
      if (e.type === 'harness') watch(e);
      else if (e.type === 'traffic-started') started = e;
      else if (e.type === 'traffic-ended') ended = e;
      else if (pauses.length < PAUSES_KEPT) pauses.push({ from: e.from, to: e.at });
    },
    sample({ dueAt, sentAt }) {
      if (sentAt === null) return;
      recordMs(lateness, sentAt - dueAt);
      sends.count++;
      sends.first = Math.min(sends.first, sentAt);
      sends.last = Math.max(sends.last, sentAt);
    },
    generator: (rows, largestSendGapMs) => ({
      targetRate: started?.ratePerSec ?? targetRate,
      achievedRate: sends.count > 1 ? ((sends.count - 1) * 1000) / (sends.last - sends.first) : 0,
      due: rows,
      dueByThread: ended?.due ?? null,
      latenessMs: {
        p50: lateness.getValueAtPercentile(50) / 1000,
        p99: lateness.getValueAtPercentile(99) / 1000,
        max: lateness.maxValue / 1000,
      },
      largestSendGapMs,
      eventLoopDelayMs: { ...loop },
      pauses: pauses.slice(),
      peakInFlight,
      cpu: watchedMs === 0 ? 0 : cpuMs / watchedMs,
    }),
    schedule: () => started && { ...started, due: ended?.due ?? null },
    ended: () => ended,
    asleepMs: (from, to) => overlapMs(pauses, from, to),
  };
}

/** Pauses are in the order of time and do not overlap: begin with the first that ends inside. */
function overlapMs(pauses: Generator['pauses'], from: number, to: number): number {
  let low = 0;
  let high = pauses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pauses[middle] as { to: number }).to <= from) low = middle + 1;
    else high = middle;
  }
  let total = 0;
  for (let index = low; index < pauses.length; index += 1) {
    const pause = pauses[index] as { from: number; to: number };
    if (pause.from >= to) break;
    total += Math.min(pause.to, to) - Math.max(pause.from, from);
  }
  return total;
}
