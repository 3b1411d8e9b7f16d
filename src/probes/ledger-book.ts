import type { RequestPlan } from '../wire/plan.js';
import type { Asked, Client } from './client.js';
import type { ProbeOptions } from './plan.js';
import type { ProbeContext } from './probe.js';

/** One write. */
export interface Entry {
  key: string;
  /** What the server called it; empty where no read asks for it. */
  id: string;
  /** `unknown`: never acknowledged, it may exist or not. */
  state: 'unknown' | 'held' | 'lost';
  beganAt: number;
  ackedAt: number;
  /** The last instant at which the server said that it has it. */
  heldAt: number;
  wasRead: boolean;
  /** The first answer without it since it was held; null where it was found. */
  missing: Asked | null;
  /** Such answers that no lag of a reader explains. */
  misses: number;
  /** It stood in a list that was asked for after it was acknowledged. */
  listed: boolean;
  /** Times it was sent. */
  sends: number;
  /** Found more than once. */
  doubled: boolean;
}

export interface Book {
  /** Of every key of this run: no other run has it. */
  prefix: string;
  entries: Entry[];
}

export interface Ledger {
  client: Client;
  context: ProbeContext;
  options: ProbeOptions['ledger'];
  book: Book;
  /** Whether the read's answer holds the key; null until one was read. */
  keyShown: boolean | null;
  /** How often the list shows the key of one entry; null until it was seen. */
  keyTimes: number | null;
  /** Number of the reading under way: a later one ends it. */
  pass: number;
  /** The two entries that were read last, the latest first. */
  found: Entry[];
  /** When the list was asked for last, how many entries it showed then, and how many were acknowledged since. */
  list: { askedAt: number; shown: number; since: number };
}

/** A request of the ledger with the entry's key and id in it. */
export function filled(request: RequestPlan, { key, id }: Pick<Entry, 'key' | 'id'>): RequestPlan {
  const fill = (text: string, escaped: (value: string) => string): string =>
    text.replace(KEY, () => escaped(key)).replace(ID, () => escaped(id));
  return {
    ...request,
    path: fill(request.path, encodeURIComponent),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, fill(value, String)])),
    body: request.body === null ? null : fill(request.body, (value) => JSON.stringify(value).slice(1, -1)),
  };
}

/** Whether a request has the entry's id in it. */
export function needs(request: RequestPlan, what: 'id'): boolean {
  const texts = [request.path, request.body ?? '', ...Object.values(request.headers)];
  return texts.some((text) => text.includes(`{${what}}`) || text.includes(`%7B${what}%7D`));
}

/** In a path the braces may have been encoded. */
const KEY = /\{key\}|%7Bkey%7D/g;
const ID = /\{id\}|%7Bid%7D/g;
