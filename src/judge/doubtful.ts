import type { FailedRequest, Run, Span } from '../model/run.js';
import { senderOf, sendersOf } from '../model/senders.js';
import { overlapMs } from './control.js';
import type { Scope } from './scope.js';

/** A thread that was not running for more than this share of the judged time saw too little, whatever the reason. */
export const STARVED_SHARE = 0.1;
/** Part of its timeout that a request must have waited while the harness was awake. */
const AWAKE_SHARE = 0.75;
/** No server has a shorter idle timeout, ms: a connection that was idle for less was closed for another reason. */
const SHORTEST_IDLE_TIMEOUT_MS = 500;
/** A request that meets the close of an idle connection ends within a round trip, ms. */
const ROUND_TRIP_MS = 250;
/** Sockets are read so long after the end of a pause at most, and a pause is known to so much, ms. */
const SLACK_MS = 100;
const CLOSES: readonly string[] = ['reset', 'closed', 'goaway'];

/** A request that a kept connection lost before any byte of an answer. Times in ms of the run. */
export interface LostOnReuse {
  sentAt: number;
  endedAt: number;
  idleMs: number;
}

/**
 * Failures that the sleep of the thread that sent them explains: a timeout, whose answer may have lain there unread, or
 * which a starved machine may have kept the server from giving, and a close by the server's idle timeout. A refusal, a
 * wrong answer and any other close came from the other side, however late they were read.
 */
export function doubtfulIn(run: Run, { phases }: Scope): FailedRequest[] {
  const { header, generator, failures } = run;
  const senders = sendersOf(header);
  const borneMs = borneByFlow(run);
  const starved = generator.senders.map((sender) => asleepShare(run, sender) > STARVED_SHARE);
  return failures.filter(({ seq, flow, outcome, phase, connection, firstByteAt, dueAt, sentAt, endedAt, idleMs }) => {
    if (!phases.includes(phase) || !('cause' in outcome)) return false;
    const sender = senderOf(seq, senders);
    const pauses = generator.senders[sender]?.pauses ?? [];
    if (outcome.cause === 'timeout')
      return starved[sender] === true || isUnread(pauses, sentAt ?? dueAt, endedAt, header.target.timeoutMs);
    if (!CLOSES.includes(outcome.cause) || connection !== 'reused' || firstByteAt !== null || sentAt === null)
      return false;
    return isCloseOfSleeper(pauses, { sentAt, endedAt, idleMs }, borneMs.get(flow) ?? 0);
  });
}

/** Share of the judged time in which a thread was not running. */
export function asleepShare({ phases }: Run, { pauses, unlistedMs }: Run['generator']['senders'][number]): number {
  const judged = phases.filter((phase) => phase.judged);
  const totalMs = judged.reduce((sum, { startAt, endAt }) => sum + endAt - startAt, 0);
  const asleepMs = judged.reduce((sum, { startAt, endAt }) => sum + overlapMs(pauses, startAt, endAt), unlistedMs);
  return asleepMs / Math.max(1, totalMs);
}

function borneByFlow({ header, borneIdleMs }: Run): Map<string, number> {
  return new Map(header.traffic.flows.map(({ name, target }) => [name, borneIdleMs[target] ?? 0]));
}

/** Whether so much of the wait for an answer was slept that it may have come in time, and lain there. */
export function isUnread(pauses: readonly Span[], from: number, to: number, timeoutMs: number): boolean {
  const asleep = overlapMs(pauses, from, to);
  return asleep > 0 && to - from - asleep < AWAKE_SHARE * timeoutMs;
}

/**
 * Whether the server's idle timeout closed a connection that was idle for so long because the harness slept: for longer
 * than any connection to it was before an answer (`borneMs`), and awake it would not have been. What the server did while
 * it was read stands.
 */
export function isCloseOfSleeper(
  pauses: readonly Span[],
  { sentAt, endedAt, idleMs }: LostOnReuse,
  borneMs: number,
): boolean {
  const since = unreadSince(pauses, sentAt - idleMs);
  const idle = sentAt - since;
  if (idle < SHORTEST_IDLE_TIMEOUT_MS || idle <= borneMs) return false;
  const awakeAfter = endedAt - sentAt - overlapMs(pauses, sentAt, endedAt);
  return overlapMs(pauses, since, sentAt) + SLACK_MS >= idle - borneMs && awakeAfter <= ROUND_TRIP_MS;
}

/** An answer that was read after a pause may have come when it began: the server counts the idle time from there. */
function unreadSince(pauses: readonly Span[], readAt: number): number {
  return pauses.find(({ from, to }) => from < readAt && readAt <= to + SLACK_MS)?.from ?? readAt;
}
