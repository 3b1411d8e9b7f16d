import type { OutgoingHttpHeaders } from 'node:http2';
import type { WireRequest } from './connection.js';
import type { Endpoint } from './endpoint.js';

const built = new WeakMap<WireRequest, OutgoingHttpHeaders>();
/** What belongs to one HTTP/1.1 connection is forbidden in HTTP/2; `host` is `:authority`. */
const LEFT_OUT = ['host', 'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te'];

/** The headers of an HTTP/2 request; built once for a request that is sent again and again. */
export function h2HeadOf(request: WireRequest, endpoint: Endpoint): OutgoingHttpHeaders {
  const known = built.get(request);
  if (known !== undefined) return known;
  const { body } = request;
  const url = new URL(endpoint.origin);
  const headers: OutgoingHttpHeaders = {
    ':method': request.method,
    ':scheme': url.protocol.slice(0, -1),
    ':authority': request.headers.host ?? url.host,
    ':path': request.target,
  };
  for (const [name, value] of Object.entries(request.headers)) if (!LEFT_OUT.includes(name)) headers[name] = value;
  if (typeof body === 'string') headers['content-length'] = Buffer.byteLength(body);
  else if (body !== null) headers['content-length'] = body.contentLength;
  built.set(request, headers);
  return headers;
}
