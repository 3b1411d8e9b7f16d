import type { FailedRequest, Run, Stall } from '../model/run.js';
import { flowStallLimitMs, stallLimitMs } from '../model/threshold.js';
import { formatMs } from '../model/units.js';
import type { Measure } from './measure.js';
import type { Scope } from './scope.js';

/** Part of its timeout that a request must have waited while the harness was awake. */
const AWAKE_SHARE = 0.75;

/** What shows that the target failed its users, from the first step on. */
export interface Evidence {
  failed: number;
  /** Timeouts of requests during which the harness itself did not run: they show nothing. */
  doubtful: number;
  /** Stalls that exceed the limit without the harness' own part. */
  stalls: Stall[];
  /** Stalls that exceed it only with the harness' own part. */
  harnessStalls: Stall[];
}

export function evidenceOf(m: Measure): Evidence {
  const stalls = m.stalls(m.whole);
  const over = (ms: number, stall: Stall) => ms >= stallLimitOf(m.run, stall);
  return {
    failed: m.tally(m.whole).failed,
    doubtful: doubtfulIn(m.run, m.whole).length,
    stalls: stalls.filter((stall) => over(ownMs(stall), stall)),
    harnessStalls: stalls.filter((stall) => over(stall.durationMs, stall) && !over(ownMs(stall), stall)),
  };
}

/** A stall's length without the time in which the harness itself was not running, ms. */
export function ownMs({ durationMs, harnessMs }: Stall): number {
  return durationMs - harnessMs;
}

/** `no request succeeded for 3.9 s`, of the flows concerned. */
export function stallText({ header }: Run, stall: Stall): string {
  const all = header.traffic.flows.length === stall.streams.length;
  return `no request${all ? '' : ` of ${stall.streams.join(', ')}`} succeeded for ${formatMs(ownMs(stall))}`;
}

/** The limit of the flow that the stall is measured on, ms: the first of its streams. */
export function stallLimitOf(run: Run, { streams }: Stall, limitMs = stallLimitMs(run.header.thresholds)): number {
  return flowStallLimitMs(limitMs, run.baselineStallMs[streams[0] ?? ''] ?? 0);
}

/**
 * Timeouts that the harness' own sleep explains: an answer may have lain there unread. A refusal, a reset or a wrong
 * answer came from the other side, however late it was read.
 */
export function doubtfulIn({ failures, header, generator }: Run, { phases }: Scope): FailedRequest[] {
  const { timeoutMs } = header.target;
  return failures.filter(({ outcome, phase, sentAt, dueAt, endedAt }) => {
    if (!phases.includes(phase) || !('cause' in outcome) || outcome.cause !== 'timeout') return false;
    const from = sentAt ?? dueAt;
    const asleep = generator.pauses.reduce(
      (sum, pause) => sum + Math.max(0, Math.min(pause.to, endedAt) - Math.max(pause.from, from)),
      0,
    );
    return asleep > 0 && endedAt - from - asleep < AWAKE_SHARE * timeoutMs;
  });
}
