import type {
  LockSession,
  LockWaitBegun,
  Observation,
  ObservationEvent,
  WatcherName,
  WatchHeader,
} from '../../src/model/watch.js';

export function watchHeader(kind: WatcherName, name: string = kind, rest: Partial<WatchHeader> = {}): WatchHeader {
  return { kind, name, of: name, on: null, requestErrors: [], ...rest };
}

/** What a watcher saw at a time; `watch` is its index in the header. */
export function saw(at: number, observation: Observation, watch = 0): ObservationEvent {
  return { type: 'observation', at, watch, ...observation };
}

export const sees = (at: number, watch = 0): ObservationEvent => saw(at, { what: 'sees' }, watch);
export const blind = (at: number, detail: string, watch = 0): ObservationEvent =>
  saw(at, { what: 'blind', detail }, watch);
export const state = (at: number, subject: string, value: string | null, watch = 0): ObservationEvent =>
  saw(at, { what: 'state', subject, value }, watch);

/** A process that began and, where `endedAt` says so, ended; it was seen alive 50 ms before. */
export function life(
  pid: number,
  startedAt: number,
  endedAt: number | null,
  { main = false, watch = 0, aliveAt = (endedAt ?? 0) - 50 } = {},
): ObservationEvent[] {
  const began = { what: 'process-began', pid, parent: main ? 1 : 10, startedAt, command: `app ${pid}`, main } as const;
  const events = [saw(Math.max(500, startedAt + 20), began, watch)];
  return endedAt === null ? events : [...events, saw(endedAt, { what: 'process-ended', pid, aliveAt }, watch)];
}

/** Lines that matched, counted as they are kept. */
export function lines(
  at: number,
  pattern: string,
  texts: string[],
  watch = 0,
  requestId: string | null = null,
): ObservationEvent[] {
  return [
    ...texts.map((text) => saw(at, { what: 'line', pattern, text, requestId }, watch)),
    saw(at, { what: 'lines', pattern, count: texts.length }, watch),
  ];
}

export const value = (at: number, subject: string, given: number, watch = 0): ObservationEvent =>
  saw(at, { what: 'value', subject, value: given, unit: 'number' }, watch);

/** Requests that a log named: each number on its own, or as `[first, last]`. */
export function named(
  at: number,
  seqs: (number | [number, number])[],
  rest: Partial<Extract<Observation, { what: 'ids' }>> = {},
  watch = 0,
): ObservationEvent {
  const runs = seqs.flatMap((each) => (typeof each === 'number' ? [each, each] : each));
  return saw(at, { what: 'ids', side: 'proxy', runs, told: [], untold: 0, mute: 0, gaps: [], ...rest }, watch);
}

/** A session of a database; what is not said is seen and says nothing. */
export function session(pid: number, rest: Partial<LockSession> = {}): LockSession {
  return {
    ...{ pid, application: 'shop', user: 'shop', statement: 'select 1', state: 'active' },
    ...{ beganAt: -1000, transactionAt: null, holds: null },
    ...rest,
  };
}

/** Looks for waits, one event a second. */
export function looked(from: number, to: number, rest: { gapMs?: number; dropped?: number } = {}, watch = 0) {
  const events: ObservationEvent[] = [];
  for (let at = from; at <= to; at += 1000)
    events.push(saw(at, { what: 'lock-looks', looks: 40, gapMs: 25, dropped: 0, ...rest }, watch));
  return events;
}

/** A wait from its begin to its end, or to where it was seen last. */
export function waited(
  from: number,
  to: number | null,
  { watch = 0, ...rest }: Partial<LockWaitBegun> & { watch?: number; waiting: LockSession },
): ObservationEvent[] {
  const { pid } = rest.waiting;
  const blocker = rest.blocker ?? null;
  const begun: LockWaitBegun = {
    ...{ pid, since: from, errorMs: 0.5, locktype: 'relation', relation: 'orders', mode: 'RowExclusiveLock' },
    ...{ behind: blocker === null ? [] : [blocker.pid], ahead: blocker, blocker },
    ...rest,
  };
  const wait = saw(from + 10, { what: 'lock-wait', ...begun }, watch);
  if (to === null) return [wait];
  const end = { what: 'lock-wait-ended', pid, since: from, seenAt: to - 10, goneAt: to + 10 } as const;
  return [wait, saw(to + 10, end, watch)];
}
