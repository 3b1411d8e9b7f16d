import { isFailure } from '../../model/outcome.js';
import type { FailedRequest, Outage, OutagePart } from '../../model/run.js';
import type { Attributed } from './attribution.js';
import { increment } from './cells.js';
import { obtain } from './keyed.js';
import { toMicros } from './resolution.js';

/** Outages listed at most (twice as many are held before the shortest are let go). */
const OUTAGES_KEPT = 1000;
/** Parts of one outage that are listed at most (twice as many are held). */
const PARTS_KEPT = 200;
/** The resolution of the clock, ms: an outage is never shorter, also where the record ends with its only failure. */
const SHORTEST_MS = 0.001;

export interface OutageLog {
  sample(a: Attributed): void;
  /** `trafficEnd` closes what never recovered. */
  outages(trafficEnd: number): Outage[];
  /** How many short ones are not listed. */
  dropped(): number;
}

/** The entry under way: as long as any flow that failed has not succeeded again. */
interface Open {
  startAt: number;
  phase: number;
  /** The part under way of each flow that failed and has not succeeded again. */
  failing: Map<string, Omit<OutagePart, 'endAt' | 'durationMs'>>;
  parts: OutagePart[];
  streams: Set<string>;
  /** First success of one of the streams since the last failure. */
  successAt: number | null;
  successInside: boolean;
  failed: number;
  byError: Outage['byError'];
  byStatus: Outage['byStatus'];
  first: FailedRequest;
  last: FailedRequest;
}

/**
 * Per flow, from the end of the first failed request to the end of that flow's next success. Overlapping windows of
 * flows form one entry, which ends at the first success of any of them after the last failure. `hard`: no request of
 * any flow succeeded inside. A retryable loss is neither a failure nor a success, and no more is the answer of a rate
 * limiter: it neither begins nor ends an outage. Samples come in order of their end.
 */
export function createOutageLog(): OutageLog {
  let closed: Outage[] = [];
  let open: Open | null = null;
  let dropped = 0;

  const fail = (a: Attributed) => {
    const failure: FailedRequest = { ...a.sample, phase: a.phase };
    open ??= begin(a, failure);
    if (open.successAt !== null) open.successInside = true;
    open.successAt = null;
    const { flow } = a.sample;
    const { phases } = obtain(open.failing, flow, () => ({
      flow,
      startAt: a.at,
      phases: { from: a.phase, to: a.phase },
    }));
    phases.from = Math.min(phases.from, a.phase);
    phases.to = Math.max(phases.to, a.phase);
    open.streams.add(flow);
    open.last = failure;
    open.failed++;
    const { outcome } = a.sample;
    if (isFailure(outcome)) increment(open.byError, outcome.cause);
    if ('status' in outcome && outcome.status !== null) increment(open.byStatus, String(outcome.status));
  };

  const succeed = (a: Attributed) => {
    if (open === null) return;
    if (open.successAt === null && open.streams.has(a.sample.flow)) open.successAt = a.at;
    else if (open.successAt === null) open.successInside = true;
    recover(open, a);
    if (open.failing.size > 0) return;
    closed.push(entry(open, open.successAt ?? a.at, true));
    open = null;
    if (closed.length >= 2 * OUTAGES_KEPT) {
      const kept = withoutShortest(closed, OUTAGES_KEPT, ({ phase }) => `${phase}`);
      dropped += closed.length - kept.length;
      closed = kept;
    }
  };

  return {
    sample(a) {
      if (a.failed) fail(a);
      else if (a.ok) succeed(a);
    },
    outages: (trafficEnd) => {
      const unended = open === null ? [] : [entry(open, Math.max(trafficEnd, open.startAt + SHORTEST_MS), false)];
      return [...closed, ...unended];
    },
    dropped: () => dropped,
  };
}

function begin(a: Attributed, first: FailedRequest): Open {
  return {
    startAt: a.at,
    phase: a.phase,
    failing: new Map(),
    parts: [],
    streams: new Set(),
    successAt: null,
    successInside: false,
    failed: 0,
    byError: {},
    byStatus: {},
    first,
    last: first,
  };
}

/** The part of a flow is over with its success. */
function recover(open: Open, { sample: { flow }, at }: Attributed): void {
  const part = open.failing.get(flow);
  if (part === undefined) return;
  open.failing.delete(flow);
  open.parts.push(ended(part, at));
  if (open.parts.length >= 2 * PARTS_KEPT) open.parts = withoutShortest(open.parts, PARTS_KEPT, placeOf);
}

function ended(part: Omit<OutagePart, 'endAt' | 'durationMs'>, endAt: number): OutagePart {
  return { ...part, phases: { ...part.phases }, endAt, durationMs: toMicros(endAt - part.startAt) };
}

function placeOf({ flow, phases: { from, to } }: OutagePart): string {
  return `${from} ${to} ${flow}`;
}

/** Of an outage of several flows: what is over, and what lasts until `endAt`. */
function partsOf({ parts, failing }: Open, endAt: number): OutagePart[] {
  const unended = [...failing.values()].map((part) => ended(part, Math.max(endAt, part.startAt + SHORTEST_MS)));
  return [...parts, ...unended].sort((a, b) => a.startAt - b.startAt);
}

function entry(open: Open, endAt: number, recovered: boolean): Outage {
  // Where one flow never recovered, the success of another lies inside.
  const successInside = open.successInside || (!recovered && open.successAt !== null);
  return {
    startAt: open.startAt,
    endAt,
    durationMs: toMicros(endAt - open.startAt),
    recovered,
    kind: successInside ? 'partial' : 'hard',
    phase: open.phase,
    streams: [...open.streams].sort(),
    failed: open.failed,
    byError: { ...open.byError },
    byStatus: { ...open.byStatus },
    first: open.first,
    last: open.last,
    ...(open.streams.size > 1 && { parts: partsOf(open, endAt) }),
  };
}

/** The longest `count` and the longest of every place, in their order. */
function withoutShortest<T extends { startAt: number; durationMs: number }>(
  all: T[],
  count: number,
  placeOf: (item: T) => string,
): T[] {
  const byLength = all.toSorted((a, b) => b.durationMs - a.durationMs || a.startAt - b.startAt);
  const kept = new Set(byLength.slice(0, count));
  const places = new Set<string>();
  for (const item of byLength) {
    if (places.has(placeOf(item))) continue;
    places.add(placeOf(item));
    kept.add(item);
  }
  return all.filter((item) => kept.has(item));
}
