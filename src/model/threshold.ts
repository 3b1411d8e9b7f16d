import type { ConnectionKind } from './sample.js';

/** What a threshold can speak of. `http_req_duration` is read as `latency`. */
export const METRICS = [
  'http_req_failed',
  'http_reqs',
  'conn_errors',
  'retryable',
  'unsent',
  'outage',
  'stall',
  'latency',
  'rollback_time',
] as const;
export type Metric = (typeof METRICS)[number];

export type Level = 'fail' | 'warn' | 'inconclusive';

/** Restricts a threshold to part of the traffic; absent keys select everything. */
export interface Selector {
  step?: string;
  flow?: string;
  connection?: ConnectionKind;
  version?: string;
}

export type Aggregate = 'rate' | 'count' | 'max' | 'min' | 'avg' | 'med' | { p: number };
export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** A threshold after parsing. `value` is in ms for times; with `timesBaseline` it is a factor of the baseline's. */
export interface Threshold {
  metric: Metric;
  selector: Selector;
  /** As the user wrote it, for the report: `p(99)<2*baseline`. */
  expression: string;
  aggregate: Aggregate;
  comparison: Comparison;
  value: number;
  timesBaseline: boolean;
  level: Level;
  abortOnFail: boolean;
  delayAbortEvalMs: number;
  origin: 'user' | 'default';
  /** Where the scenario says it, for annotations. */
  source: { file: string; line: number } | null;
}

/** The stall limit where no threshold on `stall` gives one, ms. */
export const DEFAULT_STALL_LIMIT_MS = 1000;
