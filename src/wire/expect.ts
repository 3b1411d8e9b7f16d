import { isDeepStrictEqual } from 'node:util';
import { query } from 'json-p3';
import { beginningOf } from '../model/cut.js';
import { messageOf } from '../model/errors.js';
import { type Exchange, KEPT_BODY_BYTES } from './exchange.js';
import type { Expectation, JsonMatch, VersionPlan } from './plan.js';

type Answer = Pick<Exchange, 'headers' | 'body'>;

const SHOWN_CHARS = 80;
const VERSION_CHARS = 100;

/**
 * The first part of the expectation that the answer does not meet, in words; null where it meets all. Whatever a
 * server sends (JSON nested a hundred thousand deep) is an answer that does not meet it, never a fault of the harness.
 */
export function unmetExpectation(expect: Expectation, answer: Answer): string | null {
  try {
    return unmet(expect, answer);
  } catch (error) {
    return `the answer cannot be checked: ${beginningOf(messageOf(error), SHOWN_CHARS)}`;
  }
}

function unmet(expect: Expectation, answer: Answer): string | null {
  for (const { name, value } of expect.headers) {
    const actual = headerOf(answer, name);
    if (actual === null) return `no header ${name}`;
    const met = value instanceof RegExp ? search(value, actual) : actual === value;
    if (!met) return `header ${name} is ${shown(actual)}, expected ${shown(value)}`;
  }
  if (expect.body !== null) {
    const text = textOf(answer);
    const { contains, matches } = expect.body;
    if (contains !== null && !text.includes(contains))
      return `body does not contain ${shown(contains)}: ${shown(text)}`;
    if (matches !== null && !search(matches, text)) return `body does not match ${shown(matches)}: ${shown(text)}`;
  }
  if (expect.json.length === 0) return null;
  const document = parsed(answer);
  if (document === undefined) {
    if ((answer.body?.length ?? 0) >= KEPT_BODY_BYTES) return 'the body is longer than the 16 MiB that are checked';
    return `body is not JSON: ${shown(textOf(answer))}`;
  }
  for (const { path, value } of expect.json) {
    const actual = valueAt(document, path);
    if (!matchesJson(value, actual)) {
      return `${path} is ${actual === undefined ? 'missing' : shown(actual)}, expected ${shown(value)}`;
    }
  }
  return null;
}

/** Whether judging this expectation, or reading this version, needs the body's text. */
export function needsBody(expect: Expectation, version: VersionPlan | null): boolean {
  return expect.body !== null || expect.json.length > 0 || (version !== null && version.from !== 'header');
}

/** The version of the release that answered, its first 100 characters; null where the answer does not say. */
export function versionOf(plan: VersionPlan | null, answer: Answer): string | null {
  try {
    return plan === null ? null : readVersion(plan, answer);
  } catch {
    return null;
  }
}

function readVersion(plan: VersionPlan, answer: Answer): string | null {
  if (plan.from === 'header') return shortVersion(headerOf(answer, plan.name));
  if (plan.from === 'body') {
    const match = new RegExp(plan.pattern.source, plan.pattern.flags.replace('g', '')).exec(textOf(answer));
    return shortVersion(match === null ? null : (match[1] ?? match[0]));
  }
  const document = parsed(answer);
  const value = document === undefined ? undefined : valueAt(document, plan.path);
  return shortVersion(value === undefined || value === null || typeof value === 'object' ? null : String(value));
}

function shortVersion(version: string | null): string | null {
  return version === null ? null : beginningOf(version, VERSION_CHARS);
}

function headerOf(answer: Answer, name: string): string | null {
  const key = name.toLowerCase();
  return Object.hasOwn(answer.headers, key) ? (answer.headers[key] ?? null) : null;
}

function textOf(answer: Answer): string {
  return answer.body?.toString('utf8') ?? '';
}

function parsed(answer: Answer): unknown {
  try {
    return JSON.parse(textOf(answer));
  } catch {
    return undefined;
  }
}

function valueAt(document: unknown, path: string): unknown {
  return query(path, document as never).values()[0];
}

function matchesJson(wanted: JsonMatch, actual: unknown): boolean {
  if (wanted instanceof RegExp)
    return typeof actual !== 'object' && actual !== undefined && search(wanted, String(actual));
  return isDeepStrictEqual(wanted, actual);
}

/** A pattern with the g or y flag keeps its place between calls: always begin anew. */
function search(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

function shown(value: unknown): string {
  const text =
    value instanceof RegExp ? String(value) : typeof value === 'string' ? JSON.stringify(value) : JSON.stringify(value);
  return beginningOf(text, SHOWN_CHARS);
}
