import type { ProbeName } from '../../model/probe.js';
import { BUCKET_MS, FAILURES_KEPT, type FailedRequest, type Run, type Stall } from '../../model/run.js';
import type { Evidence } from '../evidence.js';
import type { Measure } from '../measure.js';
import { releaseSpan } from '../watch.js';

/** Harm to users that belongs together in time and so has one cause. Times are milliseconds of the run. */
export interface Incident {
  from: number;
  to: number;
  /** The step in which it began. */
  phase: number;
  /** Requests of the mix, by their end; not all where more than `FAILURES_KEPT` failed. */
  failures: FailedRequest[];
  failed: number;
  stalls: Stall[];
  /** What probes lost. */
  faults: ProbeHarm[];
}

export interface ProbeHarm {
  probe: ProbeName;
  count: string;
  at: number;
  since: number;
  phase: number;
  detail: string;
}

/** Harm that is further apart than this has a cause of its own, ms. */
const APART_MS = 3000;
/** Between the release and its way back a shorter pause is enough, ms. */
const APART_BETWEEN_ROLES_MS = 300;
/** Losses that stay whatever happens next; each kind has a cause of its own. */
const LASTING: Partial<Record<ProbeName, readonly string[]>> = {
  ledger: ['lost', 'duplicated'],
  session: ['lost'],
  upload: ['corrupted'],
  sse: ['lost'],
  websocket: ['lost'],
};

/** What began so long before an incident may be its cause. */
export const BEGAN_BEFORE_MS = 15_000;
/** A process that was told to end may still finish long requests. */
export const DRAIN_MS = 3000;
/** What came before the release is asked for in this time before an incident. */
const JUST_BEFORE_MS = 2000;

/** All of it has to have been seen of processes and instances: else what they did, or did not, is not known. */
export function spanAround(m: Measure, { from, to }: Incident): { from: number; to: number } {
  const begun = Math.min(releaseSpan(m).from, from - JUST_BEFORE_MS);
  return { from: Math.max(from - BEGAN_BEFORE_MS, begun), to: to + DRAIN_MS };
}

type Event =
  | { from: number; to: number; phase: number; failure: FailedRequest }
  | { from: number; to: number; phase: number; stall: Stall }
  | { from: number; to: number; phase: number; fault: ProbeHarm };

/** Everything users met from the first step on, in the order in which it began. */
export function incidentsOf(m: Measure, evidence: Evidence): Incident[] {
  const faults = faultsOf(m, evidence);
  const isLasting = ({ probe, count }: ProbeHarm) => LASTING[probe]?.includes(count) === true;
  const events: Event[] = [
    ...m.run.failures
      .filter(({ phase }) => m.whole.phases.includes(phase))
      .map((failure) => ({ from: failure.endedAt, to: failure.endedAt, phase: failure.phase, failure })),
    ...evidence.stalls.map((stall) => ({ from: stall.startAt, to: stall.endAt, phase: stall.phase, stall })),
    ...faults.filter((fault) => !isLasting(fault)).map(faultEvent),
  ];
  const lasting = new Map<string, Event[]>();
  for (const fault of faults.filter(isLasting)) {
    const key = `${fault.probe} ${fault.count}`;
    lasting.set(key, [...(lasting.get(key) ?? []), faultEvent(fault)]);
  }
  return [...clusters(m.run, events), ...lasting.values()]
    .map((cluster) => incident(m.run, cluster))
    .sort((a, b) => a.phase - b.phase || a.from - b.from);
}

function faultEvent(fault: ProbeHarm): Event {
  return { from: fault.at, to: fault.at, phase: fault.phase, fault };
}

function faultsOf({ run, whole }: Measure, { breaches }: Evidence): ProbeHarm[] {
  return run.probes.flatMap(({ probe, faults }) =>
    faults
      .filter(({ count, phase }) => {
        const isBreach = breaches.some((breach) => breach.probe === probe && breach.fault.count === count);
        return isBreach && whole.phases.includes(phase);
      })
      .map((fault) => ({ probe, ...fault })),
  );
}

function clusters(run: Run, events: readonly Event[]): Event[][] {
  const all: Event[][] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const event of events.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    const before = last?.at(-1);
    const sameRole = run.phases[before?.phase ?? -1]?.role === run.phases[event.phase]?.role;
    if (last === undefined || event.from - until > (sameRole ? APART_MS : APART_BETWEEN_ROLES_MS)) all.push([event]);
    else last.push(event);
    until = Math.max(until, event.to);
  }
  return all;
}

function incident(run: Run, events: readonly Event[]): Incident {
  const from = Math.min(...events.map((event) => event.from));
  const to = Math.max(...events.map((event) => event.to));
  const failures = events.flatMap((event) => ('failure' in event ? event.failure : []));
  return {
    from,
    to,
    phase: Math.min(...events.map(({ phase }) => phase)),
    failures,
    failed: failures.length + beyondKept(run, failures),
    stalls: events.flatMap((event) => ('stall' in event ? event.stall : [])),
    faults: events.flatMap((event) => ('fault' in event ? event.fault : [])),
  };
}

/** Failures past the kept ones are known by 100 ms of their end; they belong to the incident of the last one kept. */
function beyondKept(run: Run, failures: readonly FailedRequest[]): number {
  const lastKept = run.failures.at(-1);
  if (run.failures.length < FAILURES_KEPT || lastKept === undefined || !failures.includes(lastKept)) return 0;
  return run.buckets.reduce((sum, { at, failed }) => (at >= lastKept.endedAt - BUCKET_MS ? sum + failed : sum), 0);
}
