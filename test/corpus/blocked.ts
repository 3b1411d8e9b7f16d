import type { Blocked } from './cases.ts';
import type { Window } from './evidence.ts';
import type { RunJson } from './result.ts';

/** A session waited for a lock, in wall-clock time. */
export interface Wait {
  from: number;
  to: number;
  /** By how much its ends may be wrong. */
  errorMs: number;
}

/** Waits for locks as one witness tells them: longest, and the time in which anybody waited. */
export interface BlockedTime {
  longestMs: number;
  /** By how much that may be wrong. */
  errorMs: number;
  blockedMs: number;
  /** Times in which somebody waited, between which nobody did. */
  stretches: number;
}

/** What the log of a PostgreSQL server says of waits, with `log_lock_waits` and a prefix that begins `%m [%p]`. */
export interface LoggedWaits {
  waits: Wait[];
  /** Waits of less than this are not in it (`deadlock_timeout`); null where it names none at all. */
  fromMs: number | null;
}

const LINE = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) (?:UTC|GMT) \[(\d+)\] (.*)$/;
const STILL = /\bprocess \d+ still waiting for \S+ on .* after ([\d.]+) ms/;
const ACQUIRED = /\bprocess \d+ acquired \S+ on .* after ([\d.]+) ms/;
/** A statement that was given up waits for nothing any more. */
const GIVEN_UP = /\b(?:ERROR|FATAL): {2}/;

/** Reads waits: the server names each when it has waited for `deadlock_timeout`, and again when it has got its lock. */
export function waitsInLog(lines: readonly string[]): LoggedWaits {
  const waits: Wait[] = [];
  const open = new Map<string, number>();
  let fromMs: number | null = null;
  for (const line of lines) {
    const [, day, time, pid = '', text = ''] = LINE.exec(line) ?? [];
    if (day === undefined) continue;
    const at = Date.parse(`${day}T${time}Z`);
    const stillMs = STILL.exec(text)?.[1];
    const acquiredMs = ACQUIRED.exec(text)?.[1];
    const since = open.get(pid);
    if (stillMs !== undefined) {
      open.set(pid, at - Number(stillMs));
      fromMs = Math.min(fromMs ?? Number.POSITIVE_INFINITY, Number(stillMs));
    } else if (acquiredMs !== undefined || (since !== undefined && GIVEN_UP.test(text))) {
      open.delete(pid);
      waits.push({ from: acquiredMs === undefined ? (since ?? at) : at - Number(acquiredMs), to: at, errorMs: 0 });
    }
  }
  // Who waits when the log ends waited at least until then, which no window outlasts.
  for (const from of open.values()) waits.push({ from, to: Number.POSITIVE_INFINITY, errorMs: 0 });
  return { waits, fromMs };
}

/** What the run itself has seen of waits. */
export interface SeenWaits {
  waits: Wait[];
  /** Longest time between two looks: a shorter wait may be missing. */
  gapMs: number;
}

/** Waits that the run itself has seen; null where it looked for none. */
export function waitsInRun({ startedAt, durationMs, migration }: RunJson): SeenWaits | null {
  const zero = Date.parse(startedAt);
  if (migration.locks === null) return null;
  const waits = migration.locks.map(({ startMs, endMs, errorMs }) => ({
    from: zero + startMs,
    to: zero + (endMs ?? durationMs),
    errorMs,
  }));
  return { waits, gapMs: migration.lookGapMs ?? 0 };
}

export function blockedTime(waits: readonly Wait[], { from, to }: Window): BlockedTime {
  const inside = waits
    .map((wait) => ({ ...wait, from: Math.max(wait.from, from), to: Math.min(wait.to, to) }))
    .filter((wait) => wait.to > wait.from)
    .sort((a, b) => a.from - b.from);
  const total: BlockedTime = { longestMs: 0, errorMs: 0, blockedMs: 0, stretches: 0 };
  let end = Number.NEGATIVE_INFINITY;
  for (const wait of inside) {
    if (wait.to - wait.from > total.longestMs) {
      total.longestMs = wait.to - wait.from;
      total.errorMs = wait.errorMs;
    }
    if (wait.from > end) total.stretches += 1;
    total.blockedMs += Math.max(0, wait.to - Math.max(wait.from, end));
    end = Math.max(end, wait.to);
  }
  return total;
}

/** The run's account held against the server's own. */
export function compareBlocked(
  { log, withinMs, atLeastMs = 0, atMostMs = Number.POSITIVE_INFINITY }: Blocked['blocked'],
  logged: LoggedWaits,
  seen: SeenWaits | null,
  window: Window,
): { state: 'holds' | 'contradicts' | 'unseen'; disturbed: boolean; detail: string } {
  const server = blockedTime(logged.waits, window);
  const says = `${log}: longest wait ${ms(server.longestMs)}, blocked for ${ms(server.blockedMs)}`;
  if (server.longestMs < atLeastMs || server.longestMs > atMostMs)
    return { state: 'contradicts', disturbed: false, detail: says };
  if (withinMs === undefined) return { state: 'holds', disturbed: false, detail: says };
  if (seen === null) return { state: 'unseen', disturbed: false, detail: `${says}; the run looked for no locks` };
  // What the server is silent about, the run may know all the same.
  const leastMs = Math.max(logged.fromMs ?? 0, withinMs);
  const run = blockedTime(
    seen.waits.filter((wait) => wait.to - wait.from >= (server.stretches === 0 ? leastMs : (logged.fromMs ?? 0))),
    window,
  );
  const detail = `${says}; run: ${ms(run.longestMs)}, ${ms(run.blockedMs)}`;
  const longestOff = Math.abs(run.longestMs - server.longestMs);
  // Each stretch has two ends that the run saw a moment late.
  const blockedOff = Math.abs(run.blockedMs - server.blockedMs) / Math.max(1, server.stretches, run.stretches);
  if (longestOff <= withinMs && blockedOff <= withinMs) return { state: 'holds', disturbed: false, detail };
  // It knows that it looked too seldom to be so exact, or to see all.
  const surely = blockedTime(
    logged.waits.filter((wait) => wait.to - wait.from >= seen.gapMs),
    window,
  );
  const between =
    run.blockedMs + withinMs >= surely.blockedMs && run.blockedMs <= server.blockedMs + withinMs * server.stretches;
  const missed = seen.gapMs > withinMs && longestOff <= withinMs && between;
  const disturbed = missed || (run.errorMs > withinMs && longestOff <= run.errorMs);
  return { state: disturbed ? 'unseen' : 'contradicts', disturbed, detail };
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
