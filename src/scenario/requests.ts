import type { RequestPlan } from '../wire/plan.js';
import { readable, withoutDynamic } from './dynamic.js';
import { readHeaders } from './headers.js';
import { isPrivateHost } from './hosts.js';
import { readExpectation } from './matchers.js';
import type { Path, Report } from './problem.js';
import type { CheckedRequest } from './schema.js';
import { METHODS, type Method } from './schema-requests.js';
import { show } from './suggest.js';
import type { Target } from './targets.js';

export type RequestInput = Pick<CheckedRequest, Method | 'headers' | 'json' | 'body' | 'expect'>;

/** Reads one request to a target. Dynamic values stay marked in it. */
export function readRequest(input: RequestInput, target: Target, path: Path, report: Report): RequestPlan {
  const method = methodOf(input, path, report);
  const at = input[method] ?? '/';
  checkPath(at, [...path, method], report);
  if (!target.mayWrite) checkWrite(method, new URL(target.endpoint.origin).hostname, [...path, method], report);
  return requestOf(input, method, `${target.prefix}${at}`, target, path, report);
}

/** Reads a readiness check, which may go to an absolute URL: to one of the targets or elsewhere. */
export function readAbsolute(
  input: RequestInput,
  targets: readonly [Target, ...Target[]],
  path: Path,
  report: Report,
): { request: RequestPlan; target: Target | null } | null {
  const method = METHODS.find((each) => input[each] !== undefined);
  const at = method === undefined ? undefined : input[method];
  if (method === undefined || at === undefined || !/^[a-z][a-z0-9+.-]*:/i.test(at)) return null;
  methodOf(input, path, report);
  const url = URL.canParse(at) ? new URL(at) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    report([...path, method], `expected an \`http:\` or \`https:\` URL, got ${show(at)}`);
  } else if (url.username !== '' || url.password !== '') {
    report([...path, method], 'credentials do not belong in the URL, which every report shows');
  }
  const target = targets.find(({ endpoint }) => endpoint.origin === url?.origin) ?? null;
  const host = url?.hostname ?? 'localhost';
  const mayWrite = target?.mayWrite ?? (targets[0].allowWrites || isPrivateHost(host));
  if (!mayWrite) checkWrite(method, host, [...path, method], report);
  return { request: requestOf(input, method, at, target, path, report), target };
}

function methodOf(input: RequestInput, path: Path, report: Report): Method {
  const given = METHODS.filter((method) => input[method] !== undefined);
  if (given.length !== 1) {
    const message =
      given.length === 0
        ? 'has no method: write one of `get`, `head`, `post`, `put`, `patch`, `delete`, `options` with a path'
        : `has ${given.length} methods (${given.join(', ')}); a request has one`;
    report(path, message);
  }
  return given[0] ?? 'get';
}

function requestOf(
  input: RequestInput,
  method: Method,
  at: string,
  target: Target | null,
  path: Path,
  report: Report,
): RequestPlan {
  const own = readHeaders(input.headers, [...path, 'headers'], report);
  const body = readBody(input, method, path, report);
  const expect = readExpectation(input.expect, [...path, 'expect'], report);
  if (method === 'head' && (expect.body !== null || expect.json.length > 0)) {
    report([...path, 'expect'], 'the answer to HEAD has no body to look at', {
      hint: 'use `get`, or expect a status or header',
    });
  }
  return {
    method: method.toUpperCase(),
    path: at,
    // The target's headers may carry its credentials: they go nowhere else.
    headers: { ...target?.headers, ...body.headers, ...own },
    body: body.text,
    expect,
  };
}

function readBody(
  input: RequestInput,
  method: Method,
  path: Path,
  report: Report,
): { text: string | null; headers: Record<string, string> } {
  const hasJson = Object.hasOwn(input, 'json') && input.json !== undefined;
  if (hasJson && input.body !== undefined)
    report([...path, 'body'], 'both `json` and `body` are given; a request has one body');
  const key = hasJson ? 'json' : 'body';
  if ((hasJson || input.body !== undefined) && (method === 'get' || method === 'head')) {
    report([...path, key], `${method.toUpperCase()} has no body`, {
      part: 'key',
      hint: 'use `post`, `put` or `patch`',
    });
  }
  if (!hasJson) return { text: input.body ?? null, headers: {} };
  checkFinite(input.json, [...path, 'json'], report);
  return { text: JSON.stringify(input.json), headers: { 'content-type': 'application/json' } };
}

/** YAML has numbers (`.inf`, `.nan`) that JSON would turn into null in silence. */
function checkFinite(value: unknown, path: Path, report: Report): void {
  if (typeof value === 'number' && !Number.isFinite(value)) report(path, 'JSON has no such number');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value))
    checkFinite(item, [...path, Array.isArray(value) ? Number(key) : key], report);
}

/** Checks a path that is put behind a target's origin. */
export function checkPath(text: string, path: Path, report: Report): void {
  const fixed = withoutDynamic(text).replaceAll('${baseline.version}', '');
  const hash = fixed.indexOf('#');
  if (!text.startsWith('/')) {
    const hint = /^https?:/i.test(text)
      ? 'the host is `target.url`; write the path alone'
      : `write \`/${readable(text)}\``;
    report(path, `expected a path that begins with \`/\`, got ${show(readable(text))}`, { hint });
  } else if (hash >= 0)
    report(path, 'a fragment (`#...`) is never sent', { needle: fixed.slice(hash), hint: 'leave it out' });
  else if (!/^[\u0021-\u007e]+$/.test(fixed)) {
    report(path, 'a path holds no spaces and no characters beyond ASCII', {
      hint: `write them percent-encoded: \`${percentEncoded(text)}\``,
    });
  }
}

function percentEncoded(text: string): string {
  const encoded = text.replace(/\p{Cs}/gu, '?').replace(/[^\u0021-\u007e\ufdd0\ufdd1]/gu, encodeURIComponent);
  return readable(encoded);
}

function checkWrite(method: Method, hostname: string, path: Path, report: Report): void {
  if (['get', 'head', 'options'].includes(method)) return;
  const message = `${method.toUpperCase()} may write, and ${hostname} is neither loopback nor a private address`;
  const hint = 'where these writes may happen, say so: `target: { allowWrites: true }`';
  report(path, message, { code: 'WRITES_NOT_ALLOWED', part: 'key', hint });
}
