import type { ConnectionKind } from './sample.js';

/**
 * What was judged over the run's time, by the time requests ended, in memory that does not grow with the samples: for
 * drawings. Unsent requests are in none of it.
 */
export interface OverTime {
  latencies: LatencyMap;
  series: TrafficSeries;
  statuses: StatusColumns;
}

/** Columns of equal length, the first from `fromMs` of the run; lists by column end with the last one that was used. */
export interface Columns {
  fromMs: number;
  columnMs: number;
}

/** Requests by latency (end - due); blocked ones never reached the app and are in none of it. */
export interface LatencyMap extends Columns {
  /** Lower limits of the classes, ms, ascending from 0. Each reaches to the next; the last one has no upper limit. */
  limitsMs: number[];
  /** Successes by column, then by class. */
  ok: number[][];
  /** By column. */
  failed: number[];
  retryable: number[];
}

/** Requests by the status line that was read. */
export interface StatusColumns extends Columns {
  /** The first ones that came, at most 12. */
  statuses: { status: number; counts: number[] }[];
  /** With any other status. */
  others: number[];
  /** Without a status line. */
  none: number[];
}

export interface TrafficSeries extends Columns {
  /** The first flows of the scenario, at most 50. */
  flows: (Series & { flow: string })[];
  connections: (Series & { connection: ConnectionKind })[];
}

/**
 * Requests of one kind, by column. Latencies (end - due, ms) are within 1 %, a failed request counts as its timeout where
 * that is longer, blocked ones are left out; null where nothing ended. Quantiles are of a second: a column that is longer
 * has the highest of its seconds.
 */
export interface Series {
  requests: number[];
  failed: number[];
  p50Ms: (number | null)[];
  p99Ms: (number | null)[];
  maxMs: (number | null)[];
}
