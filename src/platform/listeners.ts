import { closeSync, openSync, readSync } from 'node:fs';
import { isIP } from 'node:net';
import { hexAddress } from './machine-sockets.js';

const CHUNK_BYTES = 16 * 1024;
/** A table larger than this is not read to its end. */
const TABLE_BYTES = 4 * 1024 * 1024;
const LISTEN = '0A';
/** What any address is in the kernel's table. */
const ANY = [hexAddress('0.0.0.0'), hexAddress('::')];

const buffer = Buffer.allocUnsafe(CHUNK_BYTES);

/**
 * TCP sockets that listen, as the kernel writes their addresses (`0100007F:1F90`).
 * @throws where the system does not say.
 */
export function listeningTcp(): Set<string> {
  const found = new Set<string>();
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
    try {
      // Those that listen stand first: the table of a busy machine is not read to its end.
      eachRow(path, (row) => {
        const { address, listens } = tcpRow(row) ?? { address: null, listens: true };
        if (address !== null && listens) found.add(address);
        return listens;
      });
    } catch (error) {
      // A machine without IPv6 has no such table.
      if (path === '/proc/net/tcp') throw error;
    }
  }
  return found;
}

/** A row of /proc/net/tcp; null for the line of headings. */
export function tcpRow(row: string): { address: string; listens: boolean } | null {
  const [, address, state] = /^ *\d+: ([0-9A-F]+:[0-9A-F]{4}) \S+ ([0-9A-F]{2}) /.exec(row) ?? [];
  return address === undefined ? null : { address, listens: state === LISTEN };
}

/** Whether one of them takes connections to this address; `*` stands for any. */
export function listensOn(listening: ReadonlySet<string>, address: string, port: number): boolean {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  if (address === '*') return [...listening].some((each) => each.endsWith(`:${hexPort}`));
  const [anyV4, anyV6] = ANY;
  const own = hexAddress(address);
  const hosts = isIP(address) === 6 ? [own, anyV6] : [own, hexAddress(`::ffff:${address}`), anyV4, anyV6];
  return hosts.some((host) => listening.has(`${host}:${hexPort}`));
}

/**
 * Paths of Unix sockets that listen, as they were bound.
 * @throws where the system does not say.
 */
export function listeningUnix(): Set<string> {
  const found = new Set<string>();
  eachRow('/proc/net/unix', (row) => {
    const path = unixListener(row);
    if (path !== null) found.add(path);
    return true;
  });
  return found;
}

/** The path of a row of /proc/net/unix that listens. */
export function unixListener(row: string): string | null {
  return /^[0-9a-f]+: \S+ \S+ 00010000 \S+ \S+ +\d+ (.+)$/i.exec(row)?.[1] ?? null;
}

/** Calls `see` for each row until it returns false. */
function eachRow(path: string, see: (row: string) => boolean): void {
  const fd = openSync(path, 'r');
  try {
    let rest = '';
    for (let total = 0; total < TABLE_BYTES; ) {
      const bytes = readSync(fd, buffer);
      if (bytes === 0) return;
      total += bytes;
      const rows = (rest + buffer.toString('latin1', 0, bytes)).split('\n');
      rest = rows.pop() as string;
      if (!rows.every(see)) return;
    }
  } finally {
    closeSync(fd);
  }
}
