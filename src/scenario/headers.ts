import { withoutDynamic } from './dynamic.js';
import { checkHeaderName } from './matchers.js';
import type { Path, Report } from './problem.js';

/** Names that the connection and its accounting depend on. */
const OWN_HEADERS: Readonly<Record<string, string>> = {
  connection: 'connections are declared under `traffic.connections`',
  'keep-alive': 'connections are declared under `traffic.connections`',
  'proxy-connection': 'connections are declared under `traffic.connections`',
  'content-length': 'it follows from the body',
  'transfer-encoding': 'it follows from the body',
  te: 'an answer comes without trailers',
  expect: 'a request is sent in one go',
  upgrade: 'what is spoken is declared under `target.protocol`',
  'http2-settings': 'what is spoken is declared under `target.protocol`',
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
    if (!isHeaderValue(withoutDynamic(String(value)))) {
      report(here, 'a header value holds no line breaks, control characters or characters beyond Latin-1');
    }
    Object.defineProperty(headers, key, { value: String(value), enumerable: true, configurable: true, writable: true });
  }
  return headers;
}

/** Whether a text can be sent as the value of a header. */
export function isHeaderValue(text: string): boolean {
  return /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text);
}
