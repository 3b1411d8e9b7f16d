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

/** The limit a stall is held against, ms: the smallest that a failing threshold sets on all traffic, else the default. */
export function stallLimitMs(thresholds: readonly Threshold[]): number {
  const limits = thresholds
    .filter((t) => t.level === 'fail' && Object.keys(t.selector).length === 0)
    .flatMap(stallLimitOf);
  return limits.length === 0 ? DEFAULT_STALL_LIMIT_MS : Math.min(...limits);
}

/** Half of the smallest stall limit anyone asked for, ms: shorter stalls are of no interest to any threshold. */
export function stallOfInterestMs(thresholds: readonly Threshold[]): number {
  return Math.min(stallLimitMs(thresholds), ...thresholds.flatMap(stallLimitOf)) / 2;
}

/** A flow that stalls by nature (its baseline exceeds half the limit) is held against twice its baseline's longest, ms. */
export function flowStallLimitMs(limitMs: number, baselineMs: number): number {
  return baselineMs > limitMs / 2 ? 2 * baselineMs : limitMs;
}

function stallLimitOf(t: Threshold): number[] {
  const isLimit = t.metric === 'stall' && t.aggregate === 'max' && t.comparison.startsWith('<') && !t.timesBaseline;
  return isLimit && t.value > 0 ? [t.value] : [];
}
