/** What is released, as the scenario says it or the repository the scenario lies in. */
export interface ReleaseInfo {
  name: string | null;
  /** Commit. */
  git: string | null;
  /** Who says which commit it is; a repository that holds the scenario alone says little of the app. */
  gitFrom: 'scenario' | 'repository' | null;
  url: string | null;
}

/** A machine that steps run on by ssh. */
export interface HostHeader {
  name: string;
  destination: string;
}

/** The clock of a host against that of the run's machine when the run began: its time minus ours. */
export interface HostClockEvent {
  type: 'host';
  at: number;
  name: string;
  offsetMs: number;
  uncertaintyMs: number;
}

/** Something that had to hold before anything was run. */
export interface RequirementEvent {
  type: 'requirement';
  at: number;
  /** `env DATABASE_URL`, `command nginx -t`, `url http://...`. */
  what: string;
  ok: boolean;
  /** Why it does not hold; empty where it does. */
  detail: string;
  ms: number;
}

/** Part of the traffic: all of it without a key. */
export interface Share {
  version: string | null;
  flow: string | null;
}

/** A hold that waited for a number of requests has ended. */
export interface HoldEndedEvent extends Share {
  type: 'hold-ended';
  at: number;
  /** Requests of this share that were waited for, and that came. */
  wanted: number;
  requests: number;
  /** Requests of all the traffic meanwhile. */
  all: number;
  forMs: number;
}

export const HOOK_EVENTS = ['rolled-back', 'rollback-failed', 'downtime', 'inconclusive', 'finished'] as const;
export type HookEventName = (typeof HOOK_EVENTS)[number];

/** A hook has run, after the verdict. It changes nothing of what was found. */
export interface HookEvent {
  type: 'hook';
  at: number;
  event: HookEventName;
  command: string;
  exitCode: number | null;
  ms: number;
  /** Why it did not do its part; null where it did. */
  problem: string | null;
}

/** How many users a release that was undone has reached. */
export interface BlastRadius {
  /** The new version; null where no answer came from one. */
  version: string | null;
  /** Requests that the new version answered, failed or not. */
  requests: number;
  failed: number;
  /** Of all requests from the beginning of the step that moved the traffic to the last answer of the new version, 0 to 1. */
  share: number;
  /** Of the new version's own requests, 0 to 1. */
  failedShare: number;
  /** From its first answer to its last. */
  ms: number;
  /** All requests meanwhile, and those that failed without saying a version. */
  all: number;
  failedUnknown: number;
  /** The step that moved the traffic. */
  phase: string;
}
