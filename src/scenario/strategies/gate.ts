import { METHODS } from '../schema-requests.js';
import { BASELINE_VERSION } from '../template.js';
import type { Ready } from './options.js';
import type { Check, Surroundings, VersionPlace } from './strategy.js';

const DEFAULT_READY = '/healthz';

interface GateOptions {
  ready: Ready;
  around: Surroundings;
  /** The version that must answer; null for that of the baseline. */
  release: string | null;
  /** URL of one instance; null for the target. */
  at?: string | null;
  /** Answers in a row: more where several processes answer in turn, and some may still be old. */
  consecutive: number;
}

/** The readiness check of a step: the user's, with the version that is waited for. */
export function gate({ ready = DEFAULT_READY, around, release, at = null, consecutive }: GateOptions): Check {
  const { version: own, expect, ...check } = typeof ready === 'string' ? { get: ready } : (ready as OwnCheck);
  const place = own ?? around.version;
  // Without `target.version` nobody knows what the baseline's was.
  const known = place !== null && (release !== null || around.version !== null);
  const demanded = known ? versionExpected(place, release ?? BASELINE_VERSION) : null;
  const expected = demanded === null ? expect : merged(expect, demanded);
  return {
    ...(at === null ? check : atInstance(check, at)),
    ...(expected === undefined ? {} : { expect: expected }),
    consecutive: check.consecutive ?? consecutive,
    within: check.within ?? '60s',
  };
}

type OwnCheck = Record<string, unknown> & { version?: VersionPlace; expect?: unknown };

function atInstance(check: Record<string, unknown>, at: string): Record<string, unknown> {
  const base = at.replace(/\/$/, '');
  const entries = Object.entries(check).map(([key, value]) => [
    key,
    (METHODS as readonly string[]).includes(key) ? `${base}${value}` : value,
  ]);
  return Object.fromEntries(entries);
}

/** What an answer of this version must hold; null where that cannot be said. */
function versionExpected({ header, json, body }: VersionPlace, version: string): Record<string, unknown> | null {
  if (header !== undefined) return { header: { [header]: version } };
  if (json !== undefined) {
    // A version may be a number in JSON; as a regular expression it is compared by its text.
    const isText = version !== BASELINE_VERSION && !/^(?:-?\d[\d.e+-]*|true|false|null)$/i.test(version);
    return { json: { [json]: isText ? version : `/^${literal(version)}$/` } };
  }
  const pattern = body === undefined ? null : withVersion(body, version);
  return pattern === null ? null : { body: { matches: pattern } };
}

/** The pattern with its first group replaced by the version. */
function withVersion(pattern: string, version: string): string | null {
  const open = /(?:^|[^\\])\((?!\?)/.exec(pattern);
  if (open === null) return null;
  const start = open.index + open[0].length - 1;
  let depth = 0;
  for (let at = start; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === '(') depth += 1;
    else if (pattern[at] === ')') depth -= 1;
    if (depth === 0) return `${pattern.slice(0, start)}(?:${literal(version)})${pattern.slice(at + 1)}`;
  }
  return null;
}

/** As a regular expression that matches the text alone; the baseline's version is escaped where it is put in. */
function literal(text: string): string {
  return text === BASELINE_VERSION ? text : text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function merged(expect: unknown, demanded: Record<string, unknown>): Record<string, unknown> {
  if (expect === undefined) return demanded;
  if (typeof expect !== 'object' || expect === null || Array.isArray(expect)) return { status: expect, ...demanded };
  const own = expect as Record<string, Record<string, unknown> | undefined>;
  const [key, value] = Object.entries(demanded)[0] as [string, Record<string, unknown>];
  return { ...own, [key]: { ...own[key], ...value } };
}
