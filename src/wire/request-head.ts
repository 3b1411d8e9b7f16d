import type { WireRequest } from './connection.js';
import type { Endpoint } from './endpoint.js';

const built = new WeakMap<WireRequest, Buffer>();
const HAS_BODY: readonly string[] = ['POST', 'PUT', 'PATCH'];

/** The bytes of an HTTP/1.1 request, a streamed body left out; built once for a request that is sent again and again. */
export function headOf(request: WireRequest, endpoint: Endpoint): Buffer {
  const known = built.get(request);
  if (known !== undefined) return known;
  const { method, target, headers, body } = request;
  const lines = [`${method} ${target} HTTP/1.1`];
  if (headers.host === undefined) lines.push(`host: ${new URL(endpoint.origin).host}`);
  lines.push('connection: keep-alive');
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  const text = typeof body === 'string' ? Buffer.from(body) : null;
  if (text !== null) lines.push(`content-length: ${text.length}`);
  else if (body !== null && typeof body === 'object') lines.push(`content-length: ${body.contentLength}`);
  else if (HAS_BODY.includes(method)) lines.push('content-length: 0');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const whole = text === null || text.length === 0 ? head : Buffer.concat([head, text]);
  built.set(request, whole);
  return whole;
}
