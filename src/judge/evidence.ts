import { BUCKET_MS, FAILURES_KEPT, type FailedRequest, type Run, type Stall } from '../model/run.js';
import { flowStallLimitMs, stallLimitMs } from '../model/threshold.js';
import { formatMs } from '../model/units.js';
import { besideControl, controlMs, controlSpans, overlapMs, overlaps } from './control.js';
import type { Measure } from './measure.js';
import { type FaultCount, faultsIn } from './probe-faults.js';
import type { Scope } from './scope.js';

/** Part of its timeout that a request must have waited while the harness was awake. */
const AWAKE_SHARE = 0.75;
/** Part of the time that a connection was idle in which the harness must have slept to be the reason for it. */
const IDLE_ASLEEP_SHARE = 0.5;
/** An answer that was read after a sleep came up to so long before: the server began to count the idle time then. */
const LATE_READ_MS = 100;

/** What shows that the target failed its users, from the first step on. */
export interface Evidence {
  failed: number;
  /** Timeouts and closes of idle connections while the harness itself did not run: they show nothing. */
  doubtful: number;
  /** Failures that show nothing: the doubtful ones, and those beside a failure of the control. */
  unproven: number;
  /** Stalls that exceed the limit without the harness' own part, and without the time in which the control failed too. */
  stalls: Stall[];
  /** Stalls that exceed it only with the harness' own part. */
  harnessStalls: Stall[];
  /** Stalls that exceed it only with the time in which the control failed too. */
  controlStalls: Stall[];
  /** What probes found that users lost. */
  breaches: FaultCount[];
}

export function evidenceOf(m: Measure): Evidence {
  const { run } = m;
  const stalls = m.stalls(m.whole);
  const over = (ms: number, stall: Stall) => ms >= stallLimitOf(run, stall);
  return {
    failed: m.tally(m.whole).failed,
    doubtful: doubtfulIn(run, m.whole).length,
    unproven: unprovenIn(run, m.whole),
    stalls: stalls.filter((stall) => over(provenMs(run, stall), stall)),
    harnessStalls: stalls.filter((stall) => over(stall.durationMs, stall) && !over(ownMs(stall), stall)),
    controlStalls: stalls.filter((stall) => over(ownMs(stall), stall) && !over(provenMs(run, stall), stall)),
    breaches: faultsIn(run, m.whole, 'breach'),
  };
}

/** A stall's length without the time in which the harness itself was not running, ms. */
export function ownMs({ durationMs, harnessMs }: Stall): number {
  return durationMs - harnessMs;
}

/** A stall's own length without the time in which the control failed too, ms. */
export function provenMs(run: Run, stall: Stall): number {
  return Math.max(0, ownMs(stall) - controlMs(run, stall));
}

/** `no request of checkout succeeded for 3.9 s`: the flow that stalled longest against its limit. */
export function stallText({ header }: Run, stall: Stall): string {
  const whose = header.traffic.flows.length === 1 ? '' : ` of ${stall.streams[0]}`;
  return `no request${whose} succeeded for ${formatMs(ownMs(stall))}`;
}

/** The limit of the flow that the stall is measured on, ms: the first of its streams. */
export function stallLimitOf(run: Run, { streams }: Stall, limitMs = stallLimitMs(run.header.thresholds)): number {
  return flowStallLimitMs(limitMs, run.baselineStallMs[streams[0] ?? ''] ?? 0);
}

/**
 * Failures that the harness' own sleep explains: a timeout, whose answer may have lain there unread, and a close of a
 * connection that was idle for that long because the harness slept; awake, it would have used it or seen the close. A
 * refusal, a wrong answer and a close of a fresh connection came from the other side, however late they were read.
 */
export function doubtfulIn({ failures, header, generator }: Run, { phases }: Scope): FailedRequest[] {
  const { timeoutMs } = header.target;
  const { pauses } = generator;
  return failures.filter((failure) => {
    const { outcome, phase, sentAt, dueAt, endedAt } = failure;
    if (!phases.includes(phase) || !('cause' in outcome)) return false;
    if (outcome.cause !== 'timeout') return isCloseOfSleeper(pauses, failure, outcome.cause);
    const from = sentAt ?? dueAt;
    const asleep = overlapMs(pauses, from, endedAt);
    return asleep > 0 && endedAt - from - asleep < AWAKE_SHARE * timeoutMs;
  });
}

function isCloseOfSleeper(
  pauses: Run['generator']['pauses'],
  { connection, firstByteAt, sentAt, idleMs }: FailedRequest,
  cause: string,
): boolean {
  if ((cause !== 'reset' && cause !== 'closed') || connection !== 'reused' || firstByteAt !== null || sentAt === null)
    return false;
  const idle = idleMs + LATE_READ_MS;
  return overlapMs(pauses, sentAt - idle, sentAt) >= IDLE_ASLEEP_SHARE * idle;
}

/**
 * How many failures of a scope show nothing. Those past the kept ones are known by 100 ms of their end: they count
 * where the control failed then.
 */
export function unprovenIn(run: Run, scope: Scope): number {
  const spans = controlSpans(run);
  const doubtful = new Set(doubtfulIn(run, scope));
  const unproven = run.failures.filter(
    (failure) => doubtful.has(failure) || (scope.phases.includes(failure.phase) && besideControl(spans, failure)),
  );
  if (run.failures.length < FAILURES_KEPT || spans.length === 0) return unproven.length;
  const from = Math.floor((run.failures.at(-1)?.endedAt ?? 0) / BUCKET_MS) * BUCKET_MS;
  const within = scope.phases.flatMap((index) => run.phases[index] ?? []);
  return run.buckets.reduce(
    (sum, { at, failed }) => {
      const isLater = at >= from && within.some(({ startAt, endAt }) => at >= startAt && at < endAt);
      return isLater && overlaps(spans, at, at + BUCKET_MS) ? sum + failed : sum;
    },
    unproven.filter(({ endedAt }) => endedAt < from).length,
  );
}
