import type { ProbeName } from '../model/probe.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { BlockedAnswer, RequestPlan, VersionPlan } from '../wire/plan.js';

/** Everything the probes' thread needs to know: plain data. */
export interface ProbesPlan {
  endpoint: Endpoint;
  timeoutMs: number;
  version: VersionPlan | null;
  client: 'strict' | 'browser';
  blocked: BlockedAnswer[];
  userAgent: string;
  /** Decides every random value. */
  seed: number;
  probes: ProbePlan[];
}

export type ProbePlan = {
  [Name in ProbeName]: { probe: Name } & ProbeOptions[Name];
}[ProbeName];

export type PlanOf<Name extends ProbeName> = Extract<ProbePlan, { probe: Name }>;

/** What the scenario says of each probe, with every default filled in. */
export interface ProbeOptions {
  /** Keep-alive connections that made one request and then wait. */
  idle: { connections: number; request: RequestPlan };
  /** One long request every `everyMs`, so that one is always under way. */
  inflight: { request: RequestPlan; everyMs: number };
  /**
   * A body of `bytes` is sent over `overMs`, again and again every `everyMs`. Its SHA-256 (hex) must stand where `digest`
   * says; null where the answer does not tell.
   */
  upload: {
    request: RequestPlan;
    bytes: number;
    overMs: number;
    everyMs: number;
    digest: { from: 'header'; name: string } | { from: 'json'; path: string } | { from: 'body' } | null;
  };
  /** Numbered messages that the server sends back (the text itself, or JSON or text that holds it). */
  websocket: { path: string; headers: Record<string, string>; connections: number; everyMs: number; timeoutMs: number };
  /** Event streams; `gapMs` without any byte is counted as a silence where the baseline had none like it; 0 for none. */
  sse: { path: string; headers: Record<string, string>; connections: number; gapMs: number };
  /** A page of one release and, while the other is live, its assets. */
  assets: { page: string; headers: Record<string, string>; everyMs: number; most: number };
  /** Logs in before the first step and asks with the same cookies (or token) all through the release. */
  session: {
    login: RequestPlan;
    check: RequestPlan;
    everyMs: number;
    sessions: number;
    /** Where the answer to the login holds a token for `Authorization: Bearer`; null where cookies carry the session. */
    token: { from: 'json'; path: string } | { from: 'header'; name: string } | null;
  };
  /**
   * Writes with a key of its own each, and reads every acknowledged one back at the end, and in between. `{id}` in the
   * read's path is what `id` finds in the answer to the write; `{key}` anywhere is the write's key.
   */
  ledger: {
    write: RequestPlan;
    read: RequestPlan;
    /** A listing in which every key must stand exactly once; null where only single reads are asked for. */
    list: RequestPlan | null;
    id: { from: 'json'; path: string } | { from: 'header'; name: string };
    everyMs: number;
    /** Header that carries the key; null for none. */
    keyHeader: string | null;
  };
  /** The same request straight at a backend. */
  twin: { endpoint: Endpoint; request: RequestPlan; everyMs: number };
  /** A request at an endpoint that the release does not touch. */
  control: { endpoint: Endpoint; request: RequestPlan; everyMs: number };
}
