/** Plans of requests: plain data that crosses into the sending thread (structured clone carries RegExp). */

/** What an answer must be. Every part that is given must hold; `statuses: null` means 200-399. */
export interface Expectation {
  statuses: number[] | null;
  body: { contains: string | null; matches: RegExp | null } | null;
  json: { path: string; value: JsonMatch }[];
  headers: { name: string; value: string | RegExp }[];
}

/** A RegExp is matched against the text of a string, number or boolean; anything else by deep equality. */
export type JsonMatch = RegExp | string | number | boolean | null | JsonMatch[] | { [key: string]: JsonMatch };

export interface RequestPlan {
  method: string;
  /** Path and query below the target, or an absolute URL (readiness only). */
  path: string;
  headers: Record<string, string>;
  body: string | null;
  expect: Expectation;
}

/**
 * A text that is made anew for each request: pieces as they are, and slots. `data` is a column of one row of a feed,
 * the same row in the whole request.
 */
export type Template = (string | Slot)[];
export type Slot =
  | { value: 'uuid' | 'timestamp' | 'seq' }
  /** A whole number from `min` to `max`, both included. */
  | { value: 'int'; min: number; max: number }
  /** Letters and digits. */
  | { value: 'text'; length: number }
  | { value: 'data'; feed: number; column: string };

/** The parts of a request that are made anew each time; a part that is null is that of the plan. */
export interface RequestTemplate {
  path: Template | null;
  headers: Record<string, Template>;
  body: Template | null;
}

/** Rows that flows take their data from, in turn or at random. */
export interface Feed {
  name: string;
  order: 'sequential' | 'random';
  rows: Record<string, string>[];
}

/** Answers of a rate limiter or firewall: a status, with these headers where any are given. */
export interface BlockedAnswer {
  status: number;
  headers: { name: string; value: string | RegExp }[];
}

/** How the version of the release that answered is read; `null` where the scenario does not declare it. */
export type VersionPlan =
  | { from: 'header'; name: string }
  | { from: 'json'; path: string }
  | { from: 'body'; pattern: RegExp };
