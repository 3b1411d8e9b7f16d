import { BUCKET_MS, FAILURES_KEPT, type Run, type Stall } from '../model/run.js';
import { flowStallLimitMs, stallLimitMs } from '../model/threshold.js';
import { formatMs } from '../model/units.js';
import { besideControl, controlMs, controlSpans, overlaps } from './control.js';
import { doubtfulIn } from './doubtful.js';
import type { Measure } from './measure.js';
import { type FaultCount, faultsIn } from './probe-faults.js';
import type { Scope } from './scope.js';

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
  // Of the pauses only those that its own length lacks already: what a thread slept beside an awake one excuses nothing.
  const generator = { ...run.generator, pauses: stall.asleep ?? [] };
  return Math.max(0, ownMs(stall) - controlMs({ ...run, generator }, stall));
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
