import { isFailure } from '../../model/outcome.js';
import type { FailedRequest, Outage } from '../../model/run.js';
import type { Attributed } from './attribution.js';
import { increment } from './cells.js';
import { toMicros } from './resolution.js';

/** Outages listed at most (twice as many are held before the shortest are let go). */
const OUTAGES_KEPT = 1000;
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
  failing: Set<string>;
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
    open.failing.add(a.sample.flow);
    open.streams.add(a.sample.flow);
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
    open.failing.delete(a.sample.flow);
    if (open.failing.size > 0) return;
    closed.push(entry(open, open.successAt ?? a.at, true));
    open = null;
    if (closed.length >= 2 * OUTAGES_KEPT) {
      const kept = withoutShortest(closed);
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
    failing: new Set(),
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
  };
}

/** The longest `OUTAGES_KEPT` and the longest of every phase, in their order. */
function withoutShortest(outages: Outage[]): Outage[] {
  const byLength = outages.toSorted((a, b) => b.durationMs - a.durationMs || a.startAt - b.startAt);
  const kept = new Set(byLength.slice(0, OUTAGES_KEPT));
  const phases = new Set<number>();
  for (const outage of byLength) {
    if (phases.has(outage.phase)) continue;
    phases.add(outage.phase);
    kept.add(outage);
  }
  return outages.filter((outage) => kept.has(outage));
}
