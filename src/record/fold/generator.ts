import type { HarnessEvent, PauseEvent, TrafficEndedEvent } from '../../model/event.js';
import type { Generator, MachineWatch } from '../../model/run.js';
import type { Sample } from '../../model/sample.js';
import { createLatencies, recordMs } from './latencies.js';
import type { PhaseLog } from './phases.js';

/** Pauses of the harness listed at most: the longest. */
const PAUSES_KEPT = 2000;

export interface GeneratorLog {
  event(e: HarnessEvent | PauseEvent | TrafficEndedEvent): void;
  /** A judged sample. */
  sample(sample: Sample): void;
  generator(outside: Outside): Generator;
  ended(): TrafficEndedEvent | null;
  /** When the last judged arrival was due; null before there is one. */
  lastDueAt(): number | null;
  /** How much of a span of time the harness itself was not running, ms. */
  asleepMs(from: number, to: number): number;
}

/** What others know of the generator. */
interface Outside {
  targetRate: number;
  rows: number;
  largestSendGapMs: number;
  machine: MachineWatch;
}

/** The sending threads about themselves, from the end of the warm-up on. */
export function createGeneratorLog(log: PhaseLog): GeneratorLog {
  const lateness = createLatencies();
  const pauses: Generator['pauses'] = [];
  const probePauses: Generator['pauses'] = [];
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

  return {
    event(e) {
      if (e.type === 'harness') watch(e);
      else if (e.type === 'traffic-ended') ended = e;
      else addPause(e.of === 'probes' ? probePauses : pauses, { from: e.from, to: e.at });
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
      pauses: pauses.map((pause) => ({ ...pause })),
      probePauses: probePauses.map((pause) => ({ ...pause })),
      peakInFlight,
      cpu: watchedMs === 0 ? 0 : cpuMs / watchedMs,
      gcMs: { ...gcMs },
      machine,
    }),
    ended: () => ended,
    lastDueAt: () => lastDueAt,
    asleepMs: (from, to) => (pauses.length === 0 ? 0 : overlapMs(pauses, from, to)),
  };
}

function shortestOf(pauses: Generator['pauses']): number {
  const lengths = pauses.map(({ from, to }) => to - from);
  return lengths.indexOf(Math.min(...lengths));
}

/** Keeps pauses in the order of time and apart: those of several threads that overlap are one. */
function addPause(pauses: Generator['pauses'], pause: Generator['pauses'][number]): void {
  const known = pauses.findIndex(({ to }) => to >= pause.from);
  const first = known === -1 ? pauses.length : known;
  let end = first;
  let { from, to } = pause;
  for (let other = pauses[end]; other !== undefined && other.from <= pause.to; other = pauses[++end]) {
    from = Math.min(from, other.from);
    to = Math.max(to, other.to);
  }
  pauses.splice(first, end - first, { from, to });
  if (pauses.length > PAUSES_KEPT) pauses.splice(shortestOf(pauses), 1);
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
