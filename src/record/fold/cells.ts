import type { FailureCause } from '../../model/outcome.js';
import type { Cell, Tally } from '../../model/run.js';
import type { Sample } from '../../model/sample.js';
import type { Attributed } from './attribution.js';
import { obtain } from './keyed.js';
import { createLatencies, recordMs } from './latencies.js';

export interface CellLog {
  sample(a: Attributed): void;
  /** Ordered by phase, flow, connection kind, version. */
  cells(): Cell[];
}

/** Counts and latencies by phase, flow, connection kind and version. Grows with their number, not with the samples. */
export function createCellLog(timeoutMs: number, asleepMs: (from: number, to: number) => number): CellLog {
  const byKey = new Map<string, Cell>();
  return {
    sample(a) {
      const { flow, connection, version } = a.sample;
      const key = `${a.phase}\n${flow}\n${connection}\n${version === null ? '-' : `=${version}`}`;
      const cell = obtain(byKey, key, () => emptyCell(a));
      count(cell, a.sample);
      if (a.sample.outcome.kind !== 'unsent') recordLatency(cell, a, timeoutMs, asleepMs);
    },
    cells: () => [...byKey.values()].sort(byPlace),
  };
}

/** Adds one sample's outcome to a tally. */
function count(tally: Tally, { outcome }: Sample): void {
  if (outcome.kind === 'unsent') {
    tally.unsent++;
    tally.unsentBy[outcome.cause] = (tally.unsentBy[outcome.cause] ?? 0) + 1;
    return;
  }
  tally.requests++;
  if (outcome.status !== null) increment(tally.byStatus, String(outcome.status));
  if (outcome.kind === 'ok') tally.ok++;
  else if (outcome.kind === 'retryable') tally.retryable++;
  else {
    tally.failed++;
    increment(tally.byError, outcome.cause);
  }
}

export function increment<K extends string>(counts: Partial<Record<K, number>>, key: K | FailureCause): void {
  const at = key as K;
  counts[at] = ((counts[at] as number | undefined) ?? 0) + 1;
}

/** End - due, and end - sent, ms; a failed request counts as its timeout where that is longer. */
export function latencyOf({ sample, failed }: Attributed, timeoutMs: number): { sinceDue: number; sinceSent: number } {
  const atLeast = failed ? timeoutMs : 0;
  return {
    sinceDue: Math.max(atLeast, sample.endedAt - sample.dueAt),
    sinceSent: Math.max(atLeast, sample.endedAt - (sample.sentAt ?? sample.endedAt)),
  };
}

function recordLatency(
  cell: Cell,
  a: Attributed,
  timeoutMs: number,
  asleepMs: (from: number, to: number) => number,
): void {
  const { sinceDue, sinceSent: whole } = latencyOf(a, timeoutMs);
  const { sentAt, endedAt } = a.sample;
  // An answer that lay unread while the harness slept was not slow; a failure counts as its timeout all the same.
  const sinceSent = a.failed ? whole : whole - asleepMs(sentAt ?? endedAt, endedAt);
  recordMs(cell.sinceDue, sinceDue);
  recordMs(cell.sinceSent, sinceSent);
  if (a.ok) recordMs(cell.sinceDueOk, sinceDue);
  const second = Math.floor(a.sample.endedAt / 1000);
  const highest = cell.maxBySecond.get(second);
  if (highest === undefined) cell.maxBySecond.set(second, { sinceDue, sinceSent });
  else {
    highest.sinceDue = Math.max(highest.sinceDue, sinceDue);
    highest.sinceSent = Math.max(highest.sinceSent, sinceSent);
  }
}

function emptyCell({ phase, sample }: Attributed): Cell {
  return {
    phase,
    flow: sample.flow,
    connection: sample.connection,
    version: sample.version,
    requests: 0,
    ok: 0,
    failed: 0,
    retryable: 0,
    unsent: 0,
    unsentBy: {},
    byStatus: {},
    byError: {},
    sinceDue: createLatencies(),
    sinceDueOk: createLatencies(),
    sinceSent: createLatencies(),
    maxBySecond: new Map(),
  };
}

function byPlace(a: Cell, b: Cell): number {
  return (
    a.phase - b.phase ||
    compareText(a.flow, b.flow) ||
    compareText(a.connection, b.connection) ||
    compareText(a.version ?? '', b.version ?? '')
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
