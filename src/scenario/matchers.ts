import { compile } from 'json-p3';
import { messageOf } from '../model/errors.js';
import type { Expectation, JsonMatch, VersionPlan } from '../wire/plan.js';
import { isTrue, numberOf } from './leaves.js';
import type { Path, Report } from './problem.js';
import type { CheckedRequest, CheckedTarget } from './schema.js';
import { BASELINE_VERSION } from './template.js';

/** How `${baseline.version}` stands in a RegExp until it is known: legal with every flag. */
export const BASELINE_VERSION_IN_REGEXP = '\\$\\{baseline\\.version\\}';

type ExpectInput = CheckedRequest['expect'];

/** Reads an `expect`; without one, any status of 200-399 will do. */
export function readExpectation(input: ExpectInput, path: Path, report: Report): Expectation {
  const expectation: Expectation = { statuses: null, body: null, json: [], headers: [] };
  if (input === undefined) return expectation;
  if (typeof input !== 'object' || Array.isArray(input)) return { ...expectation, statuses: statusesOf(input) };
  if (input.status !== undefined) expectation.statuses = statusesOf(input.status);
  if (input.body !== undefined) {
    const { contains = null, matches } = input.body;
    if (contains === null && matches === undefined)
      report([...path, 'body'], 'expected `contains` or `matches`, or both');
    const regExp = matches === undefined ? null : readRegExp(matches, [...path, 'body', 'matches'], report);
    expectation.body = { contains, matches: regExp };
  }
  for (const [at, value] of Object.entries(input.json ?? {})) {
    checkJsonPath(at, [...path, 'json', at], 'key', report);
    expectation.json.push({ path: at, value: jsonMatch(value, [...path, 'json', at], report) });
  }
  expectation.headers = readHeaderMatches(input.header, [...path, 'header'], report);
  return expectation;
}

/** Reads names of headers and what they must hold. */
export function readHeaderMatches(
  input: Record<string, string | number | boolean> | undefined,
  path: Path,
  report: Report,
): { name: string; value: string | RegExp }[] {
  return Object.entries(input ?? {}).map(([name, value]) => {
    const here = [...path, name];
    checkHeaderName(name, here, report);
    return { name: name.toLowerCase(), value: textMatch(String(value), here, report) };
  });
}

/** Reads `target.version`. */
export function readVersion(
  input: CheckedTarget['version'],
  path: Path,
  report: Report,
): { plan: VersionPlan | null; changes: boolean } {
  if (input === undefined) return { plan: null, changes: true };
  const changes = input.changes === undefined || isTrue(input.changes);
  const given = (['header', 'json', 'body'] as const).filter((key) => input[key] !== undefined);
  if (given.length !== 1)
    report(path, 'expected exactly one of `header`, `json` and `body`: where the version is read');
  const { header, json, body } = input;
  if (header !== undefined) {
    checkHeaderName(header, [...path, 'header'], report, 'value');
    return { plan: { from: 'header', name: header.toLowerCase() }, changes };
  }
  if (json !== undefined) {
    checkJsonPath(json, [...path, 'json'], 'value', report);
    return { plan: { from: 'json', path: json }, changes };
  }
  if (body === undefined) return { plan: null, changes };
  return { plan: { from: 'body', pattern: readRegExp(body, [...path, 'body'], report) }, changes };
}

/** Whether a text is written as a regular expression: `/.../` with flags or without. */
function isRegExp(text: string): boolean {
  const flags = /^\/.+\/([a-z]*)$/su.exec(text)?.[1];
  return flags !== undefined && /^[dgimsuvy]*$/.test(flags) && new Set(flags).size === flags.length;
}

/** A regular expression written as `/.../flags` or as its pattern alone. */
export function readRegExp(text: string, path: Path, report: Report): RegExp {
  const slash = isRegExp(text) ? text.lastIndexOf('/') : -1;
  const pattern = slash < 0 ? text : text.slice(1, slash);
  const flags = slash < 0 ? '' : text.slice(slash + 1);
  if (/[gy]/.test(flags))
    report(path, 'the flags `g` and `y` have no meaning here', { hint: 'use d, i, m, s, u or v' });
  try {
    return new RegExp(pattern.replaceAll(BASELINE_VERSION, BASELINE_VERSION_IN_REGEXP), flags.replace(/[gy]/g, ''));
  } catch (error) {
    report(
      path,
      `\`${text.slice(0, 60)}\` is no regular expression: ${messageOf(error).replace(/^Invalid regular expression: (?:\/.*\/[a-z]*: )?/s, '')}`,
    );
    return /(?!)/;
  }
}

export function textMatch(text: string, path: Path, report: Report): string | RegExp {
  return isRegExp(text) ? readRegExp(text, path, report) : text;
}

/** A value of `expect.json`; texts in it may be regular expressions at any depth. */
function jsonMatch(value: unknown, path: Path, report: Report): JsonMatch {
  if (typeof value === 'string') return textMatch(value, path, report);
  if (Array.isArray(value)) return value.map((item, index) => jsonMatch(item, [...path, index], report));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, jsonMatch(item, [...path, key], report)]),
    );
  }
  return value as JsonMatch;
}

function statusesOf(input: number | string | (number | string)[]): number[] {
  return [...new Set((Array.isArray(input) ? input : [input]).map(numberOf))];
}

/** Checks a JSON path (RFC 9535). */
export function checkJsonPath(text: string, path: Path, part: 'key' | 'value', report: Report): void {
  try {
    compile(text);
  } catch (error) {
    const hint = text.startsWith('$') ? null : `a JSON path begins with \`$\`: \`$.${text}\``;
    report(path, `\`${text}\` is no JSON path: ${messageOf(error)}`, { part, hint });
  }
}

/** Checks the name of a header (RFC 9110: a token). */
export function checkHeaderName(name: string, path: Path, report: Report, part: 'key' | 'value' = 'key'): void {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) report(path, `\`${name}\` is no name of a header`, { part });
}
