import { expect } from 'vitest';
import type { ToldServer } from '../apps/told-server.ts';
import { readLines, readSamples } from '../e2e/run-cli.ts';

/** One request, by the server's record and by ours. Times in ms since the run's start. */
export interface Met {
  seq: number;
  /** By the schedule: its start and its rate. */
  dueAt: number;
  /** By the server. */
  receivedAt: number;
  answeredAt: number;
  /** By the harness. */
  recordedDueAt: number;
  sentAt: number;
  endedAt: number;
}

export interface BothRecords {
  /** The judged requests in the order they ended. */
  met: Met[];
  /** When the server did nothing at all, by its own clock. */
  pauses: { beganAt: number; endedAt: number }[];
}

/**
 * Puts the record of a run and that of the latency server side by side: every arrival reached the server once. Due times
 * are worked out from the schedule's start and rate; requests carry their number as `x-seq`.
 */
export async function bothRecords(server: ToldServer, dir: string, ratePerSec: number): Promise<BothRecords> {
  const events = readLines<{ type: string; kind?: string; at: number; originNs: string; firstDueAt: number }>(
    dir,
    'journal.ndjson',
  );
  const originNs = Number(events[0]!.originNs);
  const { firstDueAt } = events.find(({ type }) => type === 'traffic-started')!;
  const baseline = events.find(({ kind }) => kind === 'baseline')!;
  const inRunTime = (ns: number): number => (ns - originNs) / 1e6;
  const log = (await server.ask({ do: 'log' })) as ServerLog;
  // The preflight asked once, before the schedule began.
  const served = log.served.filter(({ receivedNs }) => inRunTime(receivedNs) >= firstDueAt);
  const bySeq = new Map(served.map((each) => [each.seq, each]));
  const samples = readSamples(dir);
  expect(bySeq.size).toBe(served.length);
  expect(samples.length).toBe(served.length);
  expect(samples.filter(({ seq, outcome }) => outcome !== 'ok' || !bySeq.has(Number(seq)))).toEqual([]);
  const met = samples.map((sample) => {
    const seq = Number(sample.seq);
    const { receivedNs, answeredNs } = bySeq.get(seq)!;
    return {
      seq,
      dueAt: firstDueAt + (seq * 1000) / ratePerSec,
      receivedAt: inRunTime(receivedNs),
      answeredAt: inRunTime(answeredNs),
      recordedDueAt: Number(sample.due_ms),
      sentAt: Number(sample.sent_ms),
      endedAt: Number(sample.ended_ms),
    };
  });
  return {
    met: met.filter(({ recordedDueAt }) => recordedDueAt >= baseline.at),
    pauses: log.pauses.map(({ beganNs, endedNs }) => ({ beganAt: inRunTime(beganNs), endedAt: inRunTime(endedNs) })),
  };
}

interface ServerLog {
  served: { seq: number; receivedNs: number; answeredNs: number }[];
  pauses: { beganNs: number; endedNs: number }[];
}

/** How long each must have waited, by the schedule and the pauses alone, ms: to the end of a pause, or not at all. */
export function waitsFor({ met, pauses }: BothRecords): number[] {
  return met.map(({ dueAt }) => {
    const pause = pauses.find(({ beganAt, endedAt }) => dueAt >= beganAt && dueAt < endedAt);
    return pause === undefined ? 0 : pause.endedAt - dueAt;
  });
}

export function sorted(values: number[]): number[] {
  return values.sort((a, b) => a - b);
}

/** The value that this share of all values do not exceed. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share - 1e-9) - 1)]!;
}
