import type { RequestPlan } from '../wire/plan.js';
import { isPrivateHost } from './hosts.js';
import { checkHeaderName, readExpectation } from './matchers.js';
import type { Path, Report } from './problem.js';
import type { CheckedFlow } from './schema.js';
import { METHODS, type Method } from './schema-requests.js';
import { show } from './suggest.js';

/** The target as requests need it. */
export interface TargetBase {
  origin: string;
  hostname: string;
  /** Path of the target's URL without its last slash: put before every path. */
  prefix: string;
  headers: Record<string, string>;
  allowWrites: boolean;
}

type RequestInput = Omit<CheckedFlow, 'name' | 'weight'>;

/** Reads the target's URL; null, and reported, where traffic cannot be sent there. */
export function readTargetUrl(text: string, path: Path, report: Report): URL | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    const hint = /^[\w.-]+(?::\d+)?(?:\/|$)/.test(text) ? `write \`http://${text}\`` : null;
    report(path, `expected a URL such as \`http://127.0.0.1:8080\`, got ${show(text)}`, { hint });
    return null;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const hint = url.host === '' ? `write \`http://${text}\`` : null;
    report(path, `expected an \`http:\` or \`https:\` URL, got \`${url.protocol}\``, { hint });
    return null;
  }
  if (url.username !== '' || url.password !== '') {
    const hint = 'send them as a header: `headers: { Authorization: "Basic ${secret:NAME}" }`';
    report(path, 'credentials do not belong in the URL, which every report shows', { hint });
  }
  if (url.hash !== '') report(path, 'a fragment (`#...`) is never sent', { needle: url.hash, hint: 'leave it out' });
  if (url.search !== '') {
    report(path, "a query belongs to the flows' paths, not to the target", {
      needle: url.search,
      hint: 'write it in `traffic.mix`',
    });
  }
  return url;
}

/** Reads one request of the mix, or a readiness check, which may go to an absolute URL. */
export function readRequest(
  input: RequestInput,
  target: TargetBase,
  where: 'mix' | 'ready',
  path: Path,
  report: Report,
): RequestPlan {
  const given = METHODS.filter((method) => input[method] !== undefined);
  if (given.length !== 1) {
    const message =
      given.length === 0
        ? 'has no method: write one of `get`, `head`, `post`, `put`, `patch`, `delete`, `options` with a path'
        : `has ${given.length} methods (${given.join(', ')}); a request has one`;
    report(path, message);
  }
  const method: Method = given[0] ?? 'get';
  const at = input[method] ?? '/';
  const foreign = where === 'ready' && /^[a-z][a-z0-9+.-]*:/i.test(at);
  checkPath(at, where, [...path, method], report);
  const host = foreign ? hostOf(at) : target.hostname;
  checkWrite(method, host, target.allowWrites, [...path, method], report);
  const own = readHeaders(input.headers, [...path, 'headers'], report);
  const sameOrigin = !foreign || originOf(at) === target.origin;
  const body = readBody(input, method, path, report);
  const expect = readExpectation(input.expect, [...path, 'expect'], report);
  if (method === 'head' && (expect.body !== null || expect.json.length > 0)) {
    report([...path, 'expect'], 'the answer to HEAD has no body to look at', {
      hint: 'use `get`, or expect a status or header',
    });
  }
  return {
    method: method.toUpperCase(),
    path: foreign ? at : `${target.prefix}${at}`,
    // The target's headers may carry its credentials: they go nowhere else.
    headers: { ...(sameOrigin ? target.headers : {}), ...body.headers, ...own },
    body: body.text,
    expect,
  };
}

/** Names that the connection and its accounting depend on. */
const OWN_HEADERS: Readonly<Record<string, string>> = {
  connection: 'connections are declared under `traffic.connections`',
  'keep-alive': 'connections are declared under `traffic.connections`',
  'proxy-connection': 'connections are declared under `traffic.connections`',
  'content-length': 'it follows from the body',
  'transfer-encoding': 'it follows from the body',
  expect: 'a request is sent in one go',
  upgrade: 'the traffic is HTTP/1.1',
  'user-agent': 'it carries the id of the run, so that logs can be told apart',
};

/** Header names in lower case, and their values as text. */
export function readHeaders(
  input: Record<string, string | number | boolean> | undefined,
  path: Path,
  report: Report,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(input ?? {})) {
    const key = name.toLowerCase();
    const here = [...path, name];
    checkHeaderName(name, here, report);
    if (Object.hasOwn(OWN_HEADERS, key)) {
      report(here, `\`${name}\` is set by zdd-verify: ${OWN_HEADERS[key]}`, { part: 'key', hint: 'leave it out' });
    } else if (Object.hasOwn(headers, key)) report(here, `\`${name}\` is given twice`, { part: 'key' });
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(String(value))) {
      report(here, 'a header value holds no line breaks, control characters or characters beyond Latin-1');
    }
    Object.defineProperty(headers, key, { value: String(value), enumerable: true, configurable: true, writable: true });
  }
  return headers;
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

function checkPath(text: string, where: 'mix' | 'ready', path: Path, report: Report): void {
  if (where === 'ready' && /^[a-z][a-z0-9+.-]*:/i.test(text)) {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !/^https?:$/.test(url.protocol))
      report(path, `expected an \`http:\` or \`https:\` URL, got ${show(text)}`);
    else if (url.username !== '' || url.password !== '')
      report(path, 'credentials do not belong in the URL, which every report shows');
    return;
  }
  const hash = text.indexOf('#');
  if (!text.startsWith('/')) {
    const hint = /^https?:/i.test(text) ? 'the host is `target.url`; write the path alone' : `write \`/${text}\``;
    report(path, `expected a path that begins with \`/\`, got ${show(text)}`, { hint });
  } else if (hash >= 0)
    report(path, 'a fragment (`#...`) is never sent', { needle: text.slice(hash), hint: 'leave it out' });
  else if (!/^[\u0021-\u007e]+$/.test(text.replaceAll('${baseline.version}', ''))) {
    report(path, 'a path holds no spaces and no characters beyond ASCII', {
      hint: `write them percent-encoded: \`${encodeURI(text)}\``,
    });
  }
}

function checkWrite(method: Method, hostname: string, allowWrites: boolean, path: Path, report: Report): void {
  if (allowWrites || ['get', 'head', 'options'].includes(method) || isPrivateHost(hostname)) return;
  const message = `${method.toUpperCase()} may write, and ${hostname} is neither loopback nor a private address`;
  const hint = 'where these writes may happen, say so: `target: { allowWrites: true }`';
  report(path, message, { code: 'WRITES_NOT_ALLOWED', part: 'key', hint });
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : 'localhost';
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}
