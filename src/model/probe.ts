/** Kinds of traffic beside the mix, each for one way in which a release fails. */
export const PROBES = [
  'idle',
  'inflight',
  'upload',
  'websocket',
  'sse',
  'assets',
  'session',
  'ledger',
  'twin',
  'control',
] as const;
export type ProbeName = (typeof PROBES)[number];

/**
 * What went wrong, as a count. `breach`: users lost something, which is downtime; `risk`: a client could have lost
 * something; `evidence`: says where a failure comes from, and is none of the target's own.
 */
export interface ProbeFault {
  /** Key in `run.json` under the probe's name. */
  count: string;
  severity: 'breach' | 'risk' | 'evidence';
  /** For people: "{n} idle connections were closed without notice". */
  claim: string;
}

/** Only where `client: browser` is said: a safe request that a kept connection lost without a byte of an answer. */
const RETRIED: ProbeFault = {
  count: 'retried',
  severity: 'risk',
  claim: 'requests were lost and sent again, as a browser does',
};

/** What each probe can find. The key of a threshold is `<probe>_<count in snake case>`, such as `ledger_lost`. */
export const PROBE_FAULTS: Record<ProbeName, readonly ProbeFault[]> = {
  idle: [
    { count: 'closedUnannounced', severity: 'risk', claim: 'idle keep-alive connections were closed without notice' },
    { count: 'failed', severity: 'breach', claim: 'idle connections could not be opened or opened again' },
  ],
  inflight: [{ count: 'failed', severity: 'breach', claim: 'long requests in flight were lost' }, RETRIED],
  upload: [
    { count: 'failed', severity: 'breach', claim: 'uploads were cut or refused' },
    { count: 'corrupted', severity: 'breach', claim: 'uploads were acknowledged with other bytes than were sent' },
  ],
  websocket: [
    { count: 'lost', severity: 'breach', claim: 'WebSocket messages were never answered' },
    { count: 'failed', severity: 'breach', claim: 'WebSocket connections could not be made again' },
    { count: 'disconnects', severity: 'risk', claim: 'WebSocket connections were closed by the server' },
  ],
  sse: [
    { count: 'lost', severity: 'breach', claim: 'events of a stream were lost' },
    { count: 'failed', severity: 'breach', claim: 'event streams could not be opened again' },
    { count: 'disconnects', severity: 'risk', claim: 'event streams were cut' },
  ],
  assets: [{ count: 'failed', severity: 'breach', claim: 'assets of a page were missing or wrong' }, RETRIED],
  session: [
    { count: 'lost', severity: 'breach', claim: 'sessions no longer held' },
    { count: 'failed', severity: 'breach', claim: 'requests of a session failed' },
    RETRIED,
  ],
  ledger: [
    { count: 'lost', severity: 'breach', claim: 'acknowledged writes were lost' },
    { count: 'duplicated', severity: 'breach', claim: 'writes were executed twice' },
    { count: 'failed', severity: 'breach', claim: 'writes or reads failed' },
    RETRIED,
  ],
  twin: [{ count: 'failed', severity: 'evidence', claim: 'requests straight to the backend failed' }],
  control: [{ count: 'failed', severity: 'evidence', claim: 'requests to the untouched endpoint failed' }],
};

/** What happened to one request of a probe; `ok`, or what it failed with. */
export interface ProbeRequestEvent {
  type: 'probe-request';
  /** When it ended. */
  at: number;
  probe: ProbeName;
  /** What it was: `login`, `read`, the path of an asset. At most 200 characters. */
  name: string;
  sentAt: number;
  connection: 'fresh' | 'reused';
  /** How long the connection had been idle before; records that do not say have none. */
  idleMs?: number;
  ok: boolean;
  /** A failure's cause and detail; the status of an answer; `''` where there is nothing to say. */
  detail: string;
  version: string | null;
}

/** A fault of `PROBE_FAULTS`, each one counted. */
export interface ProbeFaultEvent {
  type: 'probe-fault';
  /** When it showed. */
  at: number;
  probe: ProbeName;
  count: string;
  /** Since when: the last instant at which all was well (a connection's last use, a write's acknowledgement). */
  since: number;
  detail: string;
  /** It takes the place of the fault of this count that showed at the same instant. */
  instead?: string;
  /** Nothing came, and it was waited for: an answer, an echo, a connection. A harness that slept may not have read it. */
  silent?: true;
  /** How long the connection had been idle, ms, where a kept one lost a request before any byte of its answer. */
  idleMs?: number;
}

/** Figures of a probe: counts are added up, `gauges` replace what they were. Sent once a second, and at its end. */
export interface ProbeCountsEvent {
  type: 'probe-counts';
  at: number;
  probe: ProbeName;
  counts: Record<string, number>;
  gauges: Record<string, number>;
}

/** A time a probe measured, ms: how long until a WebSocket was connected again. */
export interface ProbeTimeEvent {
  type: 'probe-time';
  at: number;
  probe: ProbeName;
  name: 'reconnect';
  ms: number;
}

/** The probe works: what it does was done once. One that never said so proves nothing. */
export interface ProbeReadyEvent {
  type: 'probe-ready';
  at: number;
  probe: ProbeName;
  /** What it does, for the report: `50 idle connections after GET /`. */
  detail: string;
}

/** The probe ended in order: everything it was waiting for has come, or was given up and counted. */
export interface ProbeEndedEvent {
  type: 'probe-ended';
  at: number;
  probe: ProbeName;
}

export type ProbeEvent =
  | ProbeRequestEvent
  | ProbeFaultEvent
  | ProbeCountsEvent
  | ProbeTimeEvent
  | ProbeReadyEvent
  | ProbeEndedEvent;

/** A probe's part of a run, folded. Phases are indices into `Run.phases`; what ended before the baseline is left out. */
export interface ProbeRun {
  probe: ProbeName;
  /** What it does; empty where it never worked. */
  detail: string;
  readyAt: number | null;
  ended: boolean;
  requests: number;
  failed: number;
  /** Counts and gauges as they stood last, faults among them. */
  counts: Record<string, number>;
  /** Faults by phase: `phase -> count -> n`. */
  byPhase: { phase: number; counts: Record<string, number> }[];
  /** The first faults of each phase, at most `PROBE_FAULTS_KEPT`. */
  faults: ({ phase: number } & Omit<ProbeFaultEvent, 'type' | 'probe' | 'instead'>)[];
  /**
   * Those after them, alike ones as one: of a phase and a count, risks with the same age (`at - since`) to 100 ms, others
   * at the same times to 100 ms. At most `UNLISTED_KEPT`; how many there are in all is in `byPhase`.
   */
  unlisted: ({ phase: number; times: number } & Omit<ProbeFaultEvent, 'type' | 'probe' | 'instead' | 'detail'>)[];
  /** The longest time for which a kept connection was idle before a request on it was answered as it should be, ms. */
  borneIdleMs: number;
  /** Times measured, ms, with the phase in which they ended. */
  times: { at: number; phase: number; name: string; ms: number }[];
  /** Versions that answered, in order of their first answer. */
  versions: string[];
  /** Indices of the judged phases whose first instant lay inside one of this probe's requests. */
  straddled: number[];
  /**
   * Failed requests, as intervals: what a finding of another kind is held against. The first of each phase, at most
   * `PROBE_FAULTS_KEPT`.
   */
  failures: { sentAt: number; at: number; phase: number; name: string; detail: string }[];
  /** When requests failed, all of them, from sending to end, ms: in order, and further apart than `FAILING_APART_MS`. */
  failing: { from: number; to: number }[];
}

export const PROBE_FAULTS_KEPT = 500;
export const UNLISTED_KEPT = 10_000;
export const FAILING_APART_MS = 2000;
