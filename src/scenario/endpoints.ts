import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { Endpoint } from '../wire/endpoint.js';
import type { Files } from './files.js';
import { isPrivateHost } from './hosts.js';
import type { Path, Report } from './problem.js';
import type { CheckedTarget } from './schema.js';
import { show } from './suggest.js';
import { readTls } from './tls.js';

/** Where the files of a scenario are, and what is in them. */
export interface Place {
  dir: string;
  files: Files;
}

/** Reads `url`, `protocol`, `tls`, `resolve` and `socket`. */
export function readEndpoint(
  name: string,
  input: Pick<CheckedTarget, 'url' | 'protocol' | 'tls' | 'resolve' | 'socket'>,
  path: Path,
  place: Place,
  report: Report,
): { endpoint: Endpoint; prefix: string } {
  const url = readTargetUrl(input.url, [...path, 'url'], report) ?? new URL('http://localhost');
  const { resolve: address = null, socket } = input;
  if (address !== null && isIP(address) === 0) {
    const hint = address.startsWith('[') ? `write \`${address.slice(1, -1)}\`` : null;
    report([...path, 'resolve'], `expected an IP address such as \`10.0.0.7\`, got ${show(address)}`, { hint });
  }
  if (address !== null && socket !== undefined) {
    report([...path, 'socket'], '`resolve` and `socket` are both given: a connection goes to one of them', {
      part: 'key',
    });
  }
  if (input.tls !== undefined && url.protocol === 'http:') {
    const message = '`tls` has no meaning for an `http:` URL';
    report([...path, 'tls'], message, { part: 'key', hint: `write \`url: https://${url.host}\`` });
  }
  const endpoint: Endpoint = {
    name,
    origin: url.origin,
    protocol: input.protocol ?? 'http/1.1',
    address,
    socketPath: socket === undefined ? null : readSocket(socket, [...path, 'socket'], place, report),
    tls: readTls(input.tls, place.files, [...path, 'tls'], report),
  };
  return { endpoint, prefix: url.pathname.replace(/\/+$/, '') };
}

/** The system takes no longer path for the name of a socket. */
const MAX_SOCKET_BYTES = 107;

function readSocket(text: string, path: Path, { dir }: Place, report: Report): string {
  const socket = resolve(dir, text);
  if (Buffer.byteLength(socket) > MAX_SOCKET_BYTES) {
    const hint = 'put it in a folder with a shorter path';
    report(path, `the path of a Unix socket has at most ${MAX_SOCKET_BYTES} bytes, and ${socket} has more`, { hint });
  }
  return socket;
}

/** Whether connections to it end on this machine or in a private network, by what the scenario says. */
export function isPrivate({ origin, address, socketPath }: Endpoint): boolean {
  return socketPath !== null || isPrivateHost(address ?? new URL(origin).hostname);
}

/** Reads the URL of a service; null, and reported, where traffic cannot be sent there. */
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
