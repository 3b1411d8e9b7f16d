import { connect } from 'node:net';
import { parse } from 'csv-parse/sync';
import { messageOf, ZddError } from '../model/errors.js';

/** Where HAProxy's runtime API listens (`stats socket` in its configuration). */
export type HaproxyAddress = { path: string } | { host: string; port: number };

/** One line of `show stat` that stands for a server. */
export interface HaproxyServer {
  backend: string;
  name: string;
  /** As HAProxy says it: `UP`, `UP 1/2`, `DOWN`, `DRAIN`, `MAINT`, `no check`. */
  status: string;
  /** Its weight among the servers of its backend, as it is in force. */
  weight: number;
  /** Requests under way (in tcp mode: connections). */
  sessions: number;
  /** Requests that wait for this server. */
  queued: number;
  /** Result of the last health check, `L7OK`; empty where there is none. */
  check: string;
  /** Failed checks in a row that mark it down; null where it is not checked. */
  fall: number | null;
  /** A server that is used only when the others are down. */
  backup: boolean;
  address: string;
}

const TIMEOUT_MS = 5000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Reads `/run/haproxy/admin.sock`, `unix@PATH`, `127.0.0.1:9999` or `[::1]:9999`; null where it is none of them. */
export function haproxyAddress(text: string): HaproxyAddress | null {
  const bare = text.replace(/^(?:unix|ipv4|ipv6)@/, '');
  const [, name = '', port = ''] = /^(\[[^\]]+\]|[^/:]+):(\d{1,5})$/.exec(bare) ?? [];
  if (name !== '') {
    const number = Number(port);
    return number >= 1 && number <= 65_535 ? { host: name.replace(/^\[|\]$/g, ''), port: number } : null;
  }
  return bare === '' || /[\n\0]/.test(bare) ? null : { path: bare };
}

/**
 * Sends one command to the runtime API and returns what HAProxy answers, without the blank lines around it.
 * @throws ZddError HAPROXY_UNREACHABLE where nothing answers there within 5 s, HAPROXY_REFUSED where the socket has not
 * the level that the command needs.
 */
export async function askHaproxy(address: HaproxyAddress, command: string): Promise<string> {
  if (/[\n\r\0]/.test(command)) throw new ZddError('USAGE', 'a command for HAProxy is one line');
  const text = await exchange(address, `${command}\n`).catch((error: unknown) => {
    throw new ZddError('HAPROXY_UNREACHABLE', reasonOf(error, address), { hint: fixFor(error, address), cause: error });
  });
  const answer = text.replace(/^\n+|\s+$/g, '');
  if (answer === 'Permission denied' || answer.startsWith('Permission denied\n')) {
    throw new ZddError('HAPROXY_REFUSED', `${shown(address)} does not permit \`${command}\``, {
      hint: 'give the socket the level: `stats socket PATH mode 660 level admin`',
    });
  }
  return answer;
}

/**
 * Every server of every backend.
 * @throws ZddError as `askHaproxy`, and HAPROXY_UNREACHABLE where what answers is no HAProxy.
 */
export async function haproxyServers(address: HaproxyAddress): Promise<HaproxyServer[]> {
  const answer = await askHaproxy(address, 'show stat');
  if (!answer.startsWith('# pxname,')) {
    throw new ZddError('HAPROXY_UNREACHABLE', `${shown(address)} does not answer like HAProxy's runtime API`, {
      hint: 'name the `stats socket` of a worker; the socket of the master process (`haproxy -S`) is another one',
    });
  }
  return serversIn(answer);
}

/** The servers in an answer to `show stat`, whose columns differ between versions and are told by its first line. */
export function serversIn(csv: string): HaproxyServer[] {
  const rows: Record<string, string>[] = parse(csv.slice(2), {
    columns: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  return rows
    .filter(({ type }) => type === '2')
    .map((row) => ({
      backend: row.pxname ?? '',
      name: row.svname ?? '',
      status: row.status ?? '',
      weight: Number(row.weight ?? 0),
      sessions: Number(row.scur ?? 0),
      queued: Number(row.qcur ?? 0),
      check: (row.check_status ?? '').replace(/^\* /, ''),
      fall: row.check_fall === undefined || row.check_fall === '' ? null : Number(row.check_fall),
      backup: row.bck === '1',
      address: row.addr ?? '',
    }));
}

/** Whether HAProxy sends new requests there. */
export function takesTraffic({ status, weight }: Pick<HaproxyServer, 'status' | 'weight'>): boolean {
  return weight > 0 && /^(?:UP|no check)/.test(status);
}

/** HAProxy answers one line and closes. */
function exchange(address: HaproxyAddress, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    const chunks: Buffer[] = [];
    let bytes = 0;
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MAX_ANSWER_BYTES) socket.destroy(new Error('the answer has more than 16 MiB'));
    });
    socket.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.end(command);
  });
}

function reasonOf(error: unknown, address: HaproxyAddress): string {
  const where = shown(address);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `there is no socket ${where}`;
    case 'ECONNREFUSED':
      return `nobody listens on ${where}`;
    case 'EACCES':
    case 'EPERM':
      return `no permission to connect to ${where}`;
    case 'ENOTSOCK':
      return `${where} is no socket`;
    default:
      return `${where}: ${messageOf(error)}`;
  }
}

function fixFor(error: unknown, address: HaproxyAddress): string {
  const setting = 'path' in address ? address.path : `ipv4@${address.host}:${address.port}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `the \`global\` section names it: \`stats socket ${setting} mode 660 level admin\``;
    case 'EACCES':
    case 'EPERM':
      return 'run as a user who may (see `mode`, `user` and `group` of `stats socket`)';
    default:
      return `is HAProxy running, and is this its socket (\`stats socket ${setting} level admin\`)?`;
  }
}

function shown(address: HaproxyAddress): string {
  return 'path' in address ? address.path : `${address.host}:${address.port}`;
}
