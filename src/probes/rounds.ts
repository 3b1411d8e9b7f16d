import type { Outcome } from '../model/outcome.js';
import type { Clock } from '../platform/clock.js';
import type { ProbeContext } from './probe.js';

const ROUND_MS = 50;
/** A client that is not connected again for this long has failed, however short the time-out is. */
const LEAST_OUTAGE_MS = 5000;

/** What a probe of long-lived connections does beside its connections. */
export interface Rounds {
  /** Gives up what is overdue. `late`: the loop stood still, so that what came meanwhile may still be unread. */
  round(now: number, late: boolean): void;
  /** Nothing is under way: the probe may end. */
  settled(): boolean;
  /** How long what is under way may still take once the probe is to stop. */
  longestMs: number;
}

/**
 * Calls `round` every 50 ms. Resolves when the probe has to end: once `stopping` is aborted and everything has settled,
 * at most `longestMs` later; or at once when `over` is aborted.
 */
export async function keepRounds(
  { round, settled, longestMs }: Rounds,
  { clock, stopping }: ProbeContext,
  over: AbortSignal,
): Promise<void> {
  let last = clock.now();
  let wasLate = false;
  let stoppedAt = Number.POSITIVE_INFINITY;
  while (await slept(clock, ROUND_MS, over)) {
    const now = clock.now();
    // Timers come before sockets in a turn of the loop: after a pause one round is left out, so that they are read.
    wasLate = !wasLate && now - last > 2 * ROUND_MS;
    round(now, wasLate);
    last = now;
    if (stopping.aborted) stoppedAt = Math.min(stoppedAt, now);
    if (now >= stoppedAt && (settled() || now - stoppedAt >= longestMs)) return;
  }
}

/** How long a client may be without a connection before users have lost something. */
export function outageLimitMs(timeoutMs: number): number {
  return Math.max(timeoutMs, LEAST_OUTAGE_MS);
}

/** Why a connection was not made. `none`: for a reason that says nothing of the target. */
export interface FailedAttempt {
  fate: 'failed' | 'none';
  detail: string;
}

export function failedAttempt(outcome: Exclude<Outcome, { kind: 'ok' }>): FailedAttempt {
  if (outcome.kind === 'unsent' || outcome.kind === 'blocked') return { fate: 'none', detail: outcome.detail };
  return { fate: 'failed', detail: outcome.kind === 'wrong' ? outcome.detail : `${outcome.cause} (${outcome.detail})` };
}

/** Sleeps; false where the signal came first. */
export async function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch {
    return false;
  }
}
