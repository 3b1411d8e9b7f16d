import type { HarnessEvent, PauseEvent, TrafficEndedEvent } from '../../model/event.js';
import type { Generator, MachineWatch } from '../../model/run.js';
import type { Sample } from '../../model/sample.js';
import { createLatencies, recordMs } from './latencies.js';
import { createPauseLog, type PauseLog } from './pauses.js';
import type { PhaseLog } from './phases.js';

export interface GeneratorLog {
  event(e: HarnessEvent | PauseEvent | TrafficEndedEvent): void;
  /** A judged sample. */
  sample(sample: Sample): void;
  generator(outside: Outside): Generator;
  ended(): TrafficEndedEvent | null;
  /** When the last judged arrival was due; null before there is one. */
  lastDueAt(): number | null;
  /** How much of a span of time a sending thread was not running, ms. */
  asleepMs(sender: number, from: number, to: number): number;
  /** The same of the one of them that was not running for longest. */
  longestAsleepMs(from: number, to: number): number;
  /** The same of the probes' thread. */
  probesAsleepMs(from: number, to: number): number;
}

/** What others know of the generator. */
interface Outside {
  targetRate: number;
  rows: number;
  largestSendGapMs: number;
  machine: MachineWatch;
}

/** The sending threads about themselves, from the end of the warm-up on. */
export function createGeneratorLog(log: PhaseLog, senders: number): GeneratorLog {
  const lateness = createLatencies();
  const pauses = createPauseLog(log.judgedFrom);
  const ofSenders = Array.from({ length: senders }, () => createPauseLog(log.judgedFrom));
  const ofProbes = createPauseLog(log.judgedFrom);
  const loop = { p99: 0, max: 0 };
  const gcMs = { max: 0, total: 0 };
  const sends = { count: 0, first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  /** Of each thread: when it was heard last, and its requests in flight. */
  const threads = new Map<number, { at: number; inFlight: number }>();
  let peakInFlight = 0;
  let cpuMs = 0;
  let watchedMs = 0;
  let lastDueAt: number | null = null;
  let ended: TrafficEndedEvent | null = null;

  const watch = (e: HarnessEvent) => {
    const spanMs = e.at - (threads.get(e.thread)?.at ?? e.at);
    threads.set(e.thread, { at: e.at, inFlight: e.inFlight });
    if (e.at < (log.judgedFrom() ?? Number.POSITIVE_INFINITY)) return;
    loop.p99 = Math.max(loop.p99, e.eventLoopDelayMs.p99);
    loop.max = Math.max(loop.max, e.eventLoopDelayMs.max);
    gcMs.max = Math.max(gcMs.max, e.gcMs.max);
    gcMs.total += e.gcMs.total;
    peakInFlight = Math.max(
      peakInFlight,
      [...threads.values()].reduce((sum, { inFlight }) => sum + inFlight, 0),
    );
    // Every thread tells the CPU time of the process as a whole.
    cpuMs += e.cpu * spanMs;
    watchedMs += spanMs;
  };

  const pause = ({ of, thread, from, at }: PauseEvent) => {
    const own = thread === undefined ? ofSenders : ofSenders.slice(thread, thread + 1);
    for (const each of of === 'probes' ? [ofProbes] : [pauses, ...own]) each.add({ from, to: at });
  };

  return {
    event(e) {
      if (e.type === 'harness') watch(e);
      else if (e.type === 'traffic-ended') ended = e;
      else pause(e);
    },
    sample({ dueAt, sentAt }) {
      if (lastDueAt === null || dueAt > lastDueAt) lastDueAt = dueAt;
      if (sentAt === null) return;
      recordMs(lateness, sentAt - dueAt);
      sends.count++;
      if (sentAt < sends.first) sends.first = sentAt;
      if (sentAt > sends.last) sends.last = sentAt;
    },
    generator: ({ targetRate, rows, largestSendGapMs, machine }) => ({
      targetRate,
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
      pauses: pauses.list(),
      senders: ofSenders.map((each) => ({ pauses: each.list(), unlistedMs: each.unlistedMs() })),
      probePauses: ofProbes.list(),
      peakInFlight,
      cpu: watchedMs === 0 ? 0 : cpuMs / watchedMs,
      gcMs: { ...gcMs },
      machine,
    }),
    ended: () => ended,
    lastDueAt: () => lastDueAt,
    probesAsleepMs: ofProbes.overlapMs,
    longestAsleepMs: (from, to) => Math.max(...ofSenders.map((sender) => sender.overlapMs(from, to))),
    asleepMs: (sender, from, to) => (ofSenders[sender] as PauseLog).overlapMs(from, to),
  };
}
