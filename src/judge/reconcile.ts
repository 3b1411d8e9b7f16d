import type { FlowPlan } from '../model/event.js';
import type { ReconciledRequest, Reconciliation, RepeatedRequest, RequestFate } from '../model/reconciliation.js';
import { REQUEST_FATES } from '../model/reconciliation.js';
import type { FailedRequest } from '../model/run.js';
import { formatCount } from '../model/units.js';
import { LOG_SIDES, type LogSide, type ToldRequest } from '../model/watch.js';
import { isRaced } from './causes/view.js';
import type { Measure } from './measure.js';
import { countOf, coverageDoubts, expected, isNamed, type NamingLog, namedBy } from './reconcile-coverage.js';

/** Failed requests that are listed. */
const REQUESTS_KEPT = 200;
/** Methods that may be sent again without doing anything again: RFC 9110, 9.2.1. */
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];
/** nginx' own status for a client that closed the connection before it was answered. */
const CLIENT_GONE = 499;

/**
 * Holds the requests of the traffic against the watched logs that name them by their id: of each side that is watched,
 * what became of those that failed, and which were sent or executed more than once. What a log did not show for another
 * reason than that it did not happen is `unknown`.
 */
export function reconcile(m: Measure): Reconciliation[] {
  const logs = m.run.watchers.filter((watch): watch is NamingLog => watch.ids !== null);
  return LOG_SIDES.flatMap((side) => {
    const own = logs.filter(({ ids }) => ids.side === side);
    return own.length === 0 ? [] : [reconcileSide(m, side, own)];
  });
}

function reconcileSide(m: Measure, side: LogSide, logs: readonly NamingLog[]): Reconciliation {
  const { run, whole } = m;
  const runs = namedBy(logs);
  const doubts = coverageDoubts(m, logs, runs);
  const told = new Map(logs.flatMap(({ ids }) => ids.told).map((line) => [line.seq, line]));
  const isFull = logs.every(({ ids }) => ids.untold === 0 && ids.mute === 0);
  const failures = run.failures.filter(({ phase }) => whole.phases.includes(phase));
  const isComplete = doubts.length === 0;
  const requests = failures.map((request) => {
    const line = told.get(request.seq);
    const unnamed = isComplete && isLostBefore(request) ? 'never-arrived' : 'unknown';
    return reconciled(request, isNamed(runs, request.seq) ? fateOf(line, isFull) : unnamed, line);
  });
  const cut = requests.filter(({ fate }) => fate === 'unknown').length;
  if (isComplete && cut > 0)
    doubts.push(`${formatCount(cut)} had been sent, and a request that is cut or hangs may have no line`);
  const failed = m.tally(whole).failed;
  const fates = Object.fromEntries(
    REQUEST_FATES.map((fate) => [fate, requests.filter((request) => request.fate === fate).length]),
  ) as Record<RequestFate, number>;
  fates.unknown += failed - requests.length;
  return {
    side,
    logs: logs.map(({ name }) => name),
    named: countOf(runs),
    answered: expected(m).answered,
    doubts,
    failed,
    fates,
    requests: requests.slice(0, REQUESTS_KEPT),
    ...repeats(m, side, logs),
  };
}

/** Never written to a connection, refused unread by HTTP/2, or sent into the close of a kept connection. */
function isLostBefore(request: FailedRequest): boolean {
  const cause = 'cause' in request.outcome ? request.outcome.cause : null;
  return request.connectedAt === null || cause === 'goaway' || cause === 'refused-stream' || isRaced(request);
}

/** Of one that is named. Where nothing more is told and every line says it all, it was answered without an error. */
function fateOf(line: ToldRequest | undefined, isFull: boolean): RequestFate {
  if (line === undefined) return isFull ? 'answered' : 'arrived';
  if (line.status === null) return 'arrived';
  if (line.status === CLIENT_GONE) return 'given-up';
  if (line.status === 0 || line.status >= 500 || line.status === 408) return 'error';
  return 'answered';
}

function reconciled(request: FailedRequest, fate: RequestFate, line: ToldRequest | undefined): ReconciledRequest {
  const { seq, flow, endedAt, phase, outcome } = request;
  const status = 'status' in outcome && outcome.status !== null ? ` ${outcome.status}` : '';
  const cause = 'cause' in outcome ? outcome.cause : outcome.kind;
  return { seq, flow, endedAt, phase, met: `${cause}${status}`, fate, status: line?.status ?? null };
}

/** What was sent to several servers, and what was named again by an app, after the baseline. */
function repeats(
  m: Measure,
  side: LogSide,
  logs: readonly NamingLog[],
): Pick<Reconciliation, 'retried' | 'repeated' | 'repeatDoubts'> {
  const { run, whole } = m;
  const from = run.phases[whole.phases[0] ?? -1]?.startAt ?? Number.POSITIVE_INFINITY;
  const failures = new Map(run.failures.map((request) => [request.seq, request]));
  const retried = logs
    .flatMap(({ ids }) => ids.told)
    .filter(({ at, tries }) => at >= from && tries.length > 1)
    .map((line): RepeatedRequest => {
      const known = line.tries.every(({ connected }) => connected !== null);
      const connected = known ? line.tries.filter((each) => each.connected === true).length : null;
      const method = line.method ?? methodOf(m, failures.get(line.seq));
      return { ...repeated(line, method, failures), tries: line.tries.length, connected };
    });
  const again = side === 'app' ? logs.flatMap(({ ids }) => ids.again) : [];
  const before = again.filter(({ at }) => at < from).length;
  const isListed = m.tally(whole).failed <= run.failures.length;
  const repeatDoubts = [
    ...(isListed ? [] : ['more requests failed than could be kept: one of these may have failed as well']),
    ...(logs.some(({ ids }) => ids.untold > 0) ? ['there were more such lines than could be kept'] : []),
    ...(before > 0
      ? [
          `the log names ${formatCount(before)} requests more than once where nothing is released: a repeat says nothing`,
        ]
      : []),
  ];
  const executed =
    side === 'app' && before === 0
      ? again
          .filter(({ at }) => at >= from)
          .map((each) => repeated(each, methodOf(m, failures.get(each.seq)), failures))
      : [];
  return {
    retried,
    repeated: [...executed, ...retried.filter(({ connected }) => (connected ?? 0) > 1)],
    repeatDoubts,
  };
}

function repeated(
  { seq, at }: { seq: number; at: number },
  method: string | null,
  failures: ReadonlyMap<number, FailedRequest>,
): RepeatedRequest {
  const unsafe = method === null ? null : !SAFE.includes(method);
  return { seq, at, method, unsafe, tries: 0, connected: null, failed: failures.has(seq) };
}

/** Of a scenario with one method for all, that one; else by the flow, which only failed requests are kept with. */
function methodOf({ run }: Measure, request: FailedRequest | undefined): string | null {
  const { flows } = run.header.traffic;
  const methods = new Set(flows.map(({ method }: FlowPlan) => method));
  if (methods.size === 1) return [...methods][0] ?? null;
  return flows.find(({ name }) => name === request?.flow)?.method ?? null;
}
