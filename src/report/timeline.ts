import type { TimeSpan } from '../model/locks.js';
import { FAILURE_CAUSES, type FailureCause } from '../model/outcome.js';
import { BUCKET_MS, type Bucket, type Outage, type Phase, type Run, type Stall } from '../model/run.js';
import type { Judgement } from '../model/verdict.js';
import { phaseLabel, stallIsOver } from './summary.js';
import { clip, visible } from './text.js';

/** One stretch of the time axis; counts are sums, latencies keep their extremes. */
export type Column = Omit<Bucket, 'byVersion'> & { forMs: number; byVersion: number[] };

/** The parts that tile a phase, as far as they took time. */
export interface BandPart {
  part: 'command' | 'readiness' | 'hold';
  from: number;
  to: number;
}

export interface Band {
  index: number;
  label: string;
  kind: Phase['kind'];
  from: number;
  to: number;
  parts: BandPart[];
}

/** What the timeline shows, free of any drawing: the same for SVG, browser and PNG. Times in ms of the run. */
export interface Timeline {
  title: string;
  verdict: string;
  headline: string;
  durationMs: number;
  columns: Column[];
  bands: Band[];
  /** Causes that occurred, in the order they are stacked. */
  causes: FailureCause[];
  retryable: boolean;
  /** In order of appearance; Column.byVersion follows it. */
  versions: string[];
  outages: Outage[];
  /** Those over the limit. */
  stalls: Stall[];
  /** Times in which sessions of a database waited for locks. */
  locks: TimeSpan[];
  /** An absolute limit for p99 over the whole run, ms. */
  latencyLimitMs: number | null;
}

const MAX_VERSIONS = 6;
/** Shorter waits than that are no wider than a line; the longest are drawn. */
const MAX_LOCKS = 400;

/** Reads the timeline of a run off its buckets; `maxColumns` bounds the size of what is drawn from it. */
export function timelineOf(run: Run, judgement: Judgement, maxColumns = 6000): Timeline {
  const versions = run.versions.map(({ version }) => version);
  const shown = versions.length > MAX_VERSIONS ? [...versions.slice(0, MAX_VERSIONS - 1), 'others'] : versions;
  const durationMs = Math.max(run.durationMs, ...run.phases.map(({ endAt }) => endAt), BUCKET_MS);
  return {
    title: visible(run.header.scenario.name),
    verdict: judgement.verdict,
    headline: visible(judgement.headline),
    durationMs,
    columns: thin(run.buckets, durationMs, versions, maxColumns),
    bands: run.phases
      .map((phase, index) => bandOf(phase, index, phaseLabel(run.phases, index)))
      .filter(({ from, to }) => to > from),
    causes: FAILURE_CAUSES.filter((cause) => run.buckets.some((bucket) => (bucket.byError[cause] ?? 0) > 0)),
    retryable: run.buckets.some(({ retryable }) => retryable > 0),
    versions: shown.map((version) => clip(version, 32)),
    outages: run.outages,
    stalls: run.stalls.filter((stall) => stallIsOver(run, stall)),
    locks: locksOf(judgement),
    latencyLimitMs:
      judgement.thresholds.find(
        ({ name, phase, expression, limit }) =>
          name === 'latency' && phase === 'run' && limit !== null && expression.startsWith('p(99)'),
      )?.limit ?? null,
  };
}

function locksOf({ locks }: Judgement): TimeSpan[] {
  const windows = (locks?.phases ?? []).flatMap((phase) => phase.windows);
  return windows
    .toSorted((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, MAX_LOCKS)
    .sort((a, b) => a.from - b.from);
}

/**
 * At most `maxColumns` columns over the run. Neighbours are merged by sum for counts and by extreme for latencies, so
 * that a single slow or failed request is still there whatever the width (LTTB could drop it).
 */
export function thin(
  buckets: readonly Bucket[],
  durationMs: number,
  versions: readonly string[],
  maxColumns: number,
): Column[] {
  const per = Math.max(1, Math.ceil(durationMs / BUCKET_MS / maxColumns));
  const forMs = per * BUCKET_MS;
  const columns = new Map<number, Column>();
  for (const bucket of buckets) {
    const at = Math.floor(bucket.at / forMs) * forMs;
    const column = columns.get(at) ?? emptyColumn(at, forMs, Math.min(versions.length, MAX_VERSIONS));
    columns.set(at, column);
    merge(column, bucket, versions);
  }
  return [...columns.values()].sort((a, b) => a.at - b.at);
}

/** Columns again, wider: for a drawing with fewer pixels than columns. */
export function widen(timeline: Timeline, maxColumns: number): Column[] {
  const names = timeline.versions.map((_, index) => String(index));
  const buckets = timeline.columns.map((column) => ({
    ...column,
    byVersion: Object.fromEntries(column.byVersion.map((count, index) => [String(index), count])),
  }));
  return thin(buckets, timeline.durationMs, names, maxColumns);
}

function emptyColumn(at: number, forMs: number, versions: number): Column {
  return {
    at,
    forMs,
    requests: 0,
    failed: 0,
    retryable: 0,
    unsent: 0,
    byError: {},
    byVersion: new Array<number>(versions).fill(0),
    minMs: null,
    p50Ms: null,
    p99Ms: null,
    maxMs: null,
  };
}

function merge(column: Column, bucket: Bucket, versions: readonly string[]): void {
  column.requests += bucket.requests;
  column.failed += bucket.failed;
  column.retryable += bucket.retryable;
  column.unsent += bucket.unsent;
  for (const cause of FAILURE_CAUSES) {
    const count = bucket.byError[cause] ?? 0;
    if (count > 0) column.byError[cause] = (column.byError[cause] ?? 0) + count;
  }
  versions.forEach((version, index) => {
    const slot = Math.min(index, column.byVersion.length - 1);
    column.byVersion[slot] = (column.byVersion[slot] ?? 0) + (bucket.byVersion[version] ?? 0);
  });
  column.minMs = pick(Math.min, column.minMs, bucket.minMs);
  column.p50Ms = pick(Math.max, column.p50Ms, bucket.p50Ms);
  column.p99Ms = pick(Math.max, column.p99Ms, bucket.p99Ms);
  column.maxMs = pick(Math.max, column.maxMs, bucket.maxMs);
}

function pick(choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : choose(a, b);
}

function bandOf(phase: Phase, index: number, label: string): Band {
  const commandEnd = Math.min(phase.endAt, phase.startAt + (phase.commandMs ?? 0));
  const holdAt = phase.holdAt ?? phase.endAt;
  const waiting = phase.readyAt !== null ? phase.readyAt : phase.outcome === 'not-ready' ? holdAt : commandEnd;
  const parts: BandPart[] = [
    { part: 'command', from: phase.startAt, to: commandEnd },
    { part: 'readiness', from: commandEnd, to: Math.min(waiting, phase.endAt) },
    { part: 'hold', from: holdAt, to: phase.endAt },
  ];
  return {
    index,
    label: visible(label),
    kind: phase.kind,
    from: phase.startAt,
    to: phase.endAt,
    parts: parts.filter(({ from, to }) => to > from),
  };
}
