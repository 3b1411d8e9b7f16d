import { PROBE_FAULTS, PROBES, type ProbeFault, type ProbeName } from './probe.js';
import type { ConnectionKind } from './sample.js';

/** What a threshold on the traffic and on the release can speak of. */
export const RUN_METRICS = [
  'http_req_failed',
  'http_reqs',
  'conn_errors',
  'retryable',
  'blocked',
  'unsent',
  'outage',
  'stall',
  'latency',
  'rollback_time',
  'metric',
] as const;
export type RunMetric = (typeof RUN_METRICS)[number];

/** `websocket_lost`, `idle_closed_unannounced`, `sse_reconnect`. */
export type ProbeMetric = `${ProbeName}_${string}`;
export type Metric = RunMetric | ProbeMetric;

/** A metric that counts a fault of a probe. */
export interface ProbeFaultMetric extends ProbeFault {
  metric: ProbeMetric;
  probe: ProbeName;
}

/** One for each entry of `PROBE_FAULTS`: a count. */
export const PROBE_FAULT_METRICS: readonly ProbeFaultMetric[] = PROBES.flatMap((probe) =>
  PROBE_FAULTS[probe].map((fault) => ({ ...fault, probe, metric: `${probe}_${snakeCase(fault.count)}` as const })),
);

/** How long these probes took until they were connected again, ms. */
export const RECONNECT_METRICS = {
  websocket_reconnect: 'websocket',
  sse_reconnect: 'sse',
} as const satisfies Partial<Record<ProbeMetric, ProbeName>>;

/** What a threshold can speak of. `http_req_duration` is read as `latency`. */
export const METRICS: readonly Metric[] = [
  ...RUN_METRICS,
  ...PROBE_FAULT_METRICS.map(({ metric }) => metric),
  ...(Object.keys(RECONNECT_METRICS) as (keyof typeof RECONNECT_METRICS)[]),
];

/** The probe that a metric speaks of; null for one of the traffic. */
export function probeOfMetric(metric: Metric): ProbeName | null {
  return PROBES.find((probe) => metric.startsWith(`${probe}_`)) ?? null;
}

/** Whether the values of a metric are times, ms. */
export function isTimeMetric(metric: Metric): boolean {
  return TIME_METRICS.includes(metric) || Object.hasOwn(RECONNECT_METRICS, metric);
}

const TIME_METRICS: readonly Metric[] = ['outage', 'stall', 'latency', 'rollback_time'];

export type Level = 'fail' | 'warn' | 'inconclusive';

/** Restricts a threshold to part of the traffic; absent keys select everything. */
export interface Selector {
  step?: string;
  flow?: string;
  connection?: ConnectionKind;
  version?: string;
  /** Of a watcher that measures. */
  name?: string;
}

export type Aggregate = 'rate' | 'count' | 'max' | 'min' | 'avg' | 'med' | 'last' | { p: number };
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

function snakeCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
