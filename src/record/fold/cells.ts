import type { Outcome } from '../../model/outcome.js';
import type { Cell, Tally } from '../../model/run.js';
import type { Sample } from '../../model/sample.js';
import { emptyTally } from '../../model/tally.js';
import type { Attributed } from './attribution.js';
import { obtain } from './keyed.js';
import { createLatencies, recordMs } from './latencies.js';

export interface CellLog {
  sample(a: Attributed): void;
  /** Ordered by phase, flow, connection kind, version. */
  cells(): Cell[];
}

/** How much of a span of time the thread that sent an arrival was not running, ms. */
export type AsleepMs = (seq: number, from: number, to: number) => number;

/** Counts and latencies by phase, flow, connection kind and version. Grows with their number, not with the samples. */
export function createCellLog(timeoutMs: number, asleepMs: AsleepMs): CellLog {
  /** By phase, flow and connection kind: cells by version. */
  const places: (Map<string | null, CellState> | undefined)[][] = [];
  const all: Cell[] = [];

  const stateOf = (a: Attributed): CellState => {
    const { connection, version } = a.sample;
    places[a.phase] ??= [];
    const ofPhase = places[a.phase] as (Map<string | null, CellState> | undefined)[];
    const place = 2 * a.flow + (connection === 'fresh' ? 0 : 1);
    ofPhase[place] ??= new Map();
    return obtain(ofPhase[place] as Map<string | null, CellState>, version, () => {
      const cell = emptyCell(a);
      all.push(cell);
      return { cell, second: Number.NaN, highest: { sinceDue: 0, sinceSent: 0 } };
    });
  };

  return {
    sample(a) {
      const state = stateOf(a);
      count(state.cell, a.sample);
      const { kind } = a.sample.outcome;
      if (hasLatency(kind)) recordLatency(state, a, timeoutMs, asleepMs);
    },
    cells: () => all.sort(byPlace).slice(),
  };
}

/**
 * Whether an outcome has a latency. What a rate limiter answers is none of the app's, and how soon a connection was lost
 * that a browser makes again is nobody's: both would only make the app look faster.
 */
export function hasLatency(kind: Outcome['kind']): boolean {
  return kind !== 'unsent' && kind !== 'blocked' && kind !== 'retryable';
}

/** A cell, and the highest latencies of the second it was used in last. */
interface CellState {
  cell: Cell;
  second: number;
  highest: { sinceDue: number; sinceSent: number };
}

/** Adds one sample's outcome to a tally. */
function count(tally: Tally, { outcome, cached }: Sample): void {
  if (outcome.kind === 'unsent') {
    tally.unsent++;
    increment(tally.unsentBy, outcome.cause);
    return;
  }
  tally.requests++;
  if (cached) tally.cached++;
  if (outcome.status !== null) increment(tally.byStatus, String(outcome.status));
  if (outcome.kind === 'ok') tally.ok++;
  else if (outcome.kind === 'retryable') tally.retryable++;
  else if (outcome.kind === 'blocked') tally.blocked++;
  else {
    tally.failed++;
    increment(tally.byError, outcome.cause);
  }
}

export function increment<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
  counts[key] = ((counts[key] as number | undefined) ?? 0) + 1;
}

/** End - due, and end - sent, ms; a failed request counts as its timeout where that is longer. */
export function latencyOf({ sample, failed }: Attributed, timeoutMs: number): { sinceDue: number; sinceSent: number } {
  const atLeast = failed ? timeoutMs : 0;
  return {
    sinceDue: Math.max(atLeast, sample.endedAt - sample.dueAt),
    sinceSent: Math.max(atLeast, sample.endedAt - (sample.sentAt ?? sample.endedAt)),
  };
}

function recordLatency(state: CellState, a: Attributed, timeoutMs: number, asleepMs: AsleepMs): void {
  const { cell } = state;
  const { sinceDue, sinceSent: whole } = latencyOf(a, timeoutMs);
  const { seq, sentAt, endedAt } = a.sample;
  // An answer that lay unread while the harness slept was not slow; a failure counts as its timeout all the same.
  const sinceSent = a.failed ? whole : whole - asleepMs(seq, sentAt ?? endedAt, endedAt);
  recordMs(cell.sinceDue, sinceDue);
  recordMs(cell.sinceSent, sinceSent);
  if (a.ok) recordMs(cell.sinceDueOk, sinceDue);
  const second = Math.floor(endedAt / 1000);
  if (second !== state.second) {
    state.second = second;
    state.highest = obtain(cell.maxBySecond, second, () => ({ sinceDue, sinceSent }));
  }
  const { highest } = state;
  if (sinceDue > highest.sinceDue) highest.sinceDue = sinceDue;
  if (sinceSent > highest.sinceSent) highest.sinceSent = sinceSent;
}

function emptyCell({ phase, sample }: Attributed): Cell {
  return {
    phase,
    flow: sample.flow,
    connection: sample.connection,
    version: sample.version,
    ...emptyTally(),
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
