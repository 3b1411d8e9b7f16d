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

/** How the version of the release that answered is read; `null` where the scenario does not declare it. */
export type VersionPlan =
  | { from: 'header'; name: string }
  | { from: 'json'; path: string }
  | { from: 'body'; pattern: RegExp };
