import type { DueLatencies, SlowRequest } from '../../model/run.js';
import type { Attributed } from './attribution.js';
import { hasLatency, latencyOf } from './cells.js';

const BIN_MS = 20;
/** From so many bins on two become one: 1.5 hours of 20 ms. */
const BINS_KEPT = 1 << 18;
/** The slowest requests of each phase that are kept. */
const SLOW_KEPT = 1000;
/** Logarithms are summed as whole millionths, so that their order does not matter. */
const MILLION = 1e6;

export interface DueLatencyLog {
  sample(a: Attributed): void;
  latencies(): DueLatencies;
}

/** Latencies by the time requests were due: what a lock is held against. Its memory does not grow with the samples. */
export function createDueLatencyLog(timeoutMs: number): DueLatencyLog {
  let binMs = BIN_MS;
  let counts: number[] = [];
  let logs: number[] = [];
  const slow = new Map<number, { requests: SlowRequest[]; least: number }>();

  const halve = (): void => {
    counts = joined(counts);
    logs = joined(logs);
    binMs *= 2;
  };

  const keep = (a: Attributed, ms: number): void => {
    const known = slow.get(a.phase) ?? { requests: [], least: 0 };
    slow.set(a.phase, known);
    if (ms < known.least) return;
    const { seq, dueAt, flow } = a.sample;
    known.requests.push({ seq, phase: a.phase, flow, dueAt, endedAt: dueAt + ms });
    if (known.requests.length < 2 * SLOW_KEPT) return;
    known.requests = slowest(known.requests);
    known.least = lengthOf(known.requests.at(-1) as SlowRequest);
  };

  return {
    sample(a) {
      const { outcome, dueAt } = a.sample;
      if (!hasLatency(outcome.kind)) return;
      const ms = latencyOf(a, timeoutMs).sinceDue;
      while (dueAt / binMs >= BINS_KEPT) halve();
      const bin = Math.max(0, Math.floor(dueAt / binMs));
      while (counts.length <= bin) {
        counts.push(0);
        logs.push(0);
      }
      counts[bin] = (counts[bin] as number) + 1;
      logs[bin] = (logs[bin] as number) + Math.round(Math.log(Math.max(ms, 0.001)) * MILLION);
      keep(a, ms);
    },
    latencies: () => ({
      binMs,
      counts: counts.slice(),
      logSums: logs.map((sum) => sum / MILLION),
      slowest: [...slow.entries()].sort(([a], [b]) => a - b).flatMap(([, { requests }]) => slowest(requests)),
    }),
  };
}

function lengthOf({ dueAt, endedAt }: SlowRequest): number {
  return endedAt - dueAt;
}

function slowest(requests: readonly SlowRequest[]): SlowRequest[] {
  return requests.toSorted((a, b) => lengthOf(b) - lengthOf(a) || a.seq - b.seq).slice(0, SLOW_KEPT);
}

function joined(values: readonly number[]): number[] {
  const pairs: number[] = [];
  for (let index = 0; index < values.length; index += 2) pairs.push((values[index] ?? 0) + (values[index + 1] ?? 0));
  return pairs;
}
