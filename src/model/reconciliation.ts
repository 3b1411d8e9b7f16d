import type { LogSide } from './watch.js';

/**
 * What logs say of a failed request: it `never-arrived` (they do not name it, and nobody can have read it); it was answered
 * with an error (`error`), or well (`answered`: what was answered got lost on the way back, or was not what is expected);
 * its client was gone before the answer (`given-up`); it `arrived`, and they do not tell what was answered; or `unknown`.
 */
export const REQUEST_FATES = ['never-arrived', 'error', 'given-up', 'answered', 'arrived', 'unknown'] as const;
export type RequestFate = (typeof REQUEST_FATES)[number];

/** Requests of the traffic held against the logs of one side that name them by their id. */
export interface Reconciliation {
  side: LogSide;
  /** Names of the watched logs; a request is named where any of them does. */
  logs: string[];
  /** How many requests they name, of how many that were answered. */
  named: number;
  answered: number;
  /** Why a request that they do not name may have come all the same. Empty: what is not named never arrived. */
  doubts: string[];
  /** Requests that failed after the baseline, and their fates, which sum up to them. */
  failed: number;
  fates: Record<RequestFate, number>;
  /** The first failed requests with their fates. */
  requests: ReconciledRequest[];
  /** Requests that a proxy sent to more than one server, after the baseline. */
  retried: RepeatedRequest[];
  /** Requests that were, or may have been, executed more than once, after the baseline. */
  repeated: RepeatedRequest[];
  /** Why these lists may not be all, or mean nothing; empty where they are and do. */
  repeatDoubts: string[];
}

export interface ReconciledRequest {
  seq: number;
  flow: string;
  endedAt: number;
  /** Index of the phase in which it ended. */
  phase: number;
  /** What its client met. */
  met: string;
  fate: RequestFate;
  /** Status that the log has of it; 0 where none was sent, null where it does not say. */
  status: number | null;
}

export interface RepeatedRequest {
  seq: number;
  /** When it was read, ms of the run. */
  at: number;
  method: string | null;
  /** Whether repeating it does something again: no GET, HEAD or OPTIONS. Null where the method is not known. */
  unsafe: boolean | null;
  /** Servers it was sent to; 0 where an app named it again. */
  tries: number;
  /** Of those, how many had a connection; null where the log does not say. */
  connected: number | null;
  /** Whether its client saw it fail. */
  failed: boolean;
}
