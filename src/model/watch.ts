/** What a run watches beside its traffic: evidence that no request gives, on the same time axis. */
export const WATCHERS = [
  'link',
  'processes',
  'log',
  'sockets',
  'systemd',
  'journal',
  'haproxy',
  'docker',
  'kubernetes',
  'metric',
  'queue',
  'postgres',
  'resources',
] as const;
export type WatcherName = (typeof WATCHERS)[number];

/** Watchers whose values a threshold `metric{name:...}` can speak of. */
export const MEASURING: readonly WatcherName[] = [
  'metric',
  'queue',
  'postgres',
  'haproxy',
  'docker',
  'kubernetes',
  'resources',
];

/** Values of a watcher that a threshold names apart, as `metric{name:db/waiting}`: its own name alone does not stand for them. */
export const APART: Partial<Record<WatcherName, readonly string[]>> = {
  postgres: ['waiting', 'blocked_ms'],
  kubernetes: ['available', 'ready', 'in_rotation'],
};

/** One entry of the scenario's `watch`, as the judge and the reports know it. */
export interface WatchHeader {
  kind: WatcherName;
  /** What the user called it, else what is watched: `/srv/shop/current`. Unique in the run. */
  name: string;
  /** The host it is on; null for the machine of the run. */
  on: string | null;
  /** What is watched, for people; without any secret. */
  of: string;
  /** Patterns of a log of which every line stands for a request that failed behind the proxy. */
  requestErrors: string[];
}

export type ValueUnit = 'count' | 'number' | 'share' | 'bytes' | 'ms';

/** What a watcher saw. `subject` names one of several things one watcher looks at (a server, a unit, a series). */
export type Observation =
  /**
   * A state is another than before; the first one of a subject says what is found at the start. Null: it is not there.
   * The target of a link, the state of a systemd unit, of an HAProxy server or of a container, `listening` of a socket.
   */
  | { what: 'state'; subject: string; value: string | null }
  /** A process of those that are watched. `startedAt`: when the system says it began, ms of the run (negative: before). */
  | { what: 'process-began'; pid: number; parent: number | null; startedAt: number; command: string; main: boolean }
  /** It is gone, or a zombie; `aliveAt` is when it was seen alive last. */
  | { what: 'process-ended'; pid: number; aliveAt: number }
  /** A line of a log that matched a pattern; beyond a bound of lines only their numbers are kept (`lines`). */
  | { what: 'line'; pattern: string; text: string; requestId: string | null }
  /** How many lines matched a pattern since the last such event, kept or not. */
  | { what: 'lines'; pattern: string; count: number }
  /**
   * Requests of the traffic that a log named since the last such event, at most a second: the numbers of arrivals as runs
   * `first, last, first, last`; one that is named twice is in two runs. `told`: those of which the line says more than
   * that all went well, `untold` how many more of these there were. `mute`: lines that do not say the status. `gaps`: why
   * lines may have been missed.
   */
  | { what: 'ids'; side: LogSide; runs: number[]; told: ToldRequest[]; untold: number; mute: number; gaps: string[] }
  /** A measured value, at most once a second for each subject. */
  | { what: 'value'; subject: string; value: number; unit: ValueUnit }
  /** Something that happened once: an OOM kill, a restart of a server. */
  | { what: 'incident'; subject: string; detail: string }
  /** A platform goes back, or gives up, in the middle of a release. */
  | ({ what: 'platform' } & PlatformAct)
  /**
   * A session of a database waits for a lock that another one holds. Said again, with the same process and `since`, where
   * more is known.
   */
  | ({ what: 'lock-wait' } & LockWaitBegun)
  /** The wait that began at `since` is over: between `seenAt` and `goneAt`; null where nobody saw it end. */
  | { what: 'lock-wait-ended'; pid: number; since: number; seenAt: number; goneAt: number | null }
  /**
   * How it looked for such waits since the last such event, about a second: the longest time between two looks, and how
   * many waits it saw that are not on record one by one.
   */
  | { what: 'lock-looks'; looks: number; gapMs: number; dropped: number }
  /** It sees, but for this: said once. */
  | { what: 'unseen'; detail: string }
  /** It cannot see (no such file, no permission, no connection): whatever happens until `sees` is unknown. */
  | { what: 'blind'; detail: string }
  /** It sees, from now on. A watcher that never said so saw nothing. */
  | { what: 'sees' };

/** What runs releases by itself, as far as it can go back without being told to. */
export const PLATFORMS = ['swarm', 'kubernetes'] as const;
export type PlatformName = (typeof PLATFORMS)[number];
export const PLATFORM_LABEL: Record<PlatformName, string> = { swarm: 'Docker Swarm', kubernetes: 'Kubernetes' };

/** `gave-up`: it stops halfway, and leaves old and new as they are. */
export const PLATFORM_ACTS = ['rollback-started', 'rollback-completed', 'gave-up'] as const;

/** A release that a platform does not carry through. */
export interface PlatformAct {
  platform: PlatformName;
  /** The service or deployment. */
  subject: string;
  act: (typeof PLATFORM_ACTS)[number];
  /** Whether the platform decided it; false: somebody asked for it, the scenario's own way back maybe. Null: it does not say. */
  byItself: boolean | null;
  /** The images it goes from and to; null where they are not known. */
  from: string | null;
  to: string | null;
  /** Why, in the platform's words. */
  message: string;
}

/** A wait for a lock as it is first seen. */
export interface LockWaitBegun {
  /** Of the server's process. */
  pid: number;
  /** When it began to wait, ms of the run, give or take `errorMs`: by the server's own account from PostgreSQL 14 on. */
  since: number;
  errorMs: number;
  /** What kind of thing is locked: `relation`, `transactionid`, `tuple`. */
  locktype: string;
  /** The table or index, where it is known. */
  relation: string | null;
  /** The lock that is asked for: `AccessExclusiveLock`. */
  mode: string;
  waiting: LockSession;
  /** Processes that are waited for: those that hold the lock, and those that asked for it before. 0: a prepared transaction. */
  behind: number[];
  /** The session directly ahead. */
  ahead: LockSession | null;
  /** The one at the head of the queue, which waits for no lock itself; null where it was gone when it was looked for. */
  blocker: LockSession | null;
}

/** A session of a database. Null is what the role that looks may not see. */
export interface LockSession {
  pid: number;
  application: string | null;
  user: string | null;
  /** Its last one, without what stands in quotes. */
  statement: string | null;
  /** `active`, `idle in transaction`. */
  state: string | null;
  /** When it was opened, and when its transaction began, ms of the run (negative: before). */
  beganAt: number | null;
  transactionAt: number | null;
  /** The strongest lock that it holds on the relation that is waited for. */
  holds: string | null;
}

/** Whose log it is: of a proxy, which may try several servers for a request, or of the app that does the work. */
export const LOG_SIDES = ['proxy', 'app'] as const;
export type LogSide = (typeof LOG_SIDES)[number];

/** A line that says of a request more than that it arrived and went well. */
export interface ToldRequest {
  seq: number;
  /** When the line was read. */
  at: number;
  /** Status that was answered; 0 where none was sent (HAProxy: -1, nginx: 000), null where the line does not say. */
  status: number | null;
  method: string | null;
  /** The servers it was sent to, one after the other; empty where the line does not say. */
  tries: UpstreamTry[];
}

/** `connected`: whether a connection was made, so that the server may have done the work; null where unknown. */
export interface UpstreamTry {
  status: number | null;
  connected: boolean | null;
}

/** An observation on the run's time axis; `watch` is its watcher's index in the header. */
export type ObservationEvent = { type: 'observation'; at: number; watch: number } & Observation;

/** Everything one watcher saw, folded in bounded memory. Times are milliseconds since the run's start. */
export interface WatchRun extends WatchHeader {
  states: WatchedState[];
  processes: WatchedProcess[];
  lines: WatchedLine[];
  /** How many lines matched each pattern, by the index of the phase they came in; -1 before the baseline. */
  lineCounts: { pattern: string; phase: number; count: number }[];
  values: WatchedSeries[];
  incidents: { at: number; subject: string; detail: string }[];
  platformActs: WatchedPlatformAct[];
  /** Waits for locks; null where nobody looked for them. */
  locks: WatchedLocks | null;
  /** What it could not see while it saw the rest. */
  unseen: string[];
  /** Requests that a log names; null where the scenario does not ask for them. */
  ids: WatchedIds | null;
  /** Times in which it could not see; `to` null: to the end. */
  blind: { from: number; to: number | null; detail: string }[];
  /** Entries that were left out of the lists of states, processes, incidents, values and blind times: those are not all. */
  dropped: number;
}

export interface WatchedLocks {
  /** In the order in which they were seen; the first ones. */
  waits: LockWait[];
  /** Waits that are not among them. */
  dropped: number;
  /** How closely it looked, about a second each: a wait shorter than the longest time between two looks may be missing. */
  looks: { from: number; to: number; gapMs: number }[];
}

export interface LockWait extends LockWaitBegun {
  /** When it was over; null where nobody saw it end. */
  endAt: number | null;
  /** By how much `endAt` may be wrong. */
  endErrorMs: number;
  /** When it was seen last. */
  seenAt: number;
}

export type WatchedPlatformAct = { at: number } & PlatformAct;

export interface WatchedState {
  at: number;
  subject: string;
  value: string | null;
}

export interface WatchedLine {
  at: number;
  pattern: string;
  text: string;
  requestId: string | null;
}

/** Requests of the traffic that a log names by an id that ends in the number of their arrival. */
export interface WatchedIds {
  side: LogSide;
  /** Numbers of arrivals as runs `first, last, first, last`: ascending, and no two of them touch. */
  runs: number[];
  /** Requests that were named again, and when; the first ones. */
  again: { seq: number; at: number }[];
  told: ToldRequest[];
  /** Entries of `again` and `told` that were left out. */
  untold: number;
  /** Lines that do not say the status. */
  mute: number;
  /** Why lines may be missing. */
  gaps: { at: number; detail: string }[];
}

export interface WatchedProcess {
  pid: number;
  parent: number | null;
  startedAt: number;
  /** When it was first seen to be gone; null where it was still there at the end. */
  endedAt: number | null;
  /** When it was seen alive last, where it ended. */
  aliveAt: number | null;
  command: string;
  /** The one the pidfile names, or one that matches and descends from no other that is watched. */
  main: boolean;
}

/** A measured value over time; neighbouring points are joined where there are too many (min and max are kept). */
export interface WatchedSeries {
  subject: string;
  unit: ValueUnit;
  points: WatchedPoint[];
}

/** `at` is the time of the last of the values that were joined, `from` that of the first. */
export interface WatchedPoint {
  from: number;
  at: number;
  min: number;
  max: number;
  last: number;
  /** By how much the values rose from the point before on, as those of a counter that may begin again at 0. */
  increase: number;
}
