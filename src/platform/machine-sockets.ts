import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { endianness } from 'node:os';
import { textOf } from './machine.js';

/** Files and sockets this process has open; null where the system does not say. */
export async function openDescriptors(): Promise<number | null> {
  try {
    // Newer kernels count them in the folder's size, which needs no descriptor of its own.
    const { size } = await stat('/proc/self/fd');
    return size > 0 ? size : (await readdir('/proc/self/fd')).length - 1;
  } catch (error) {
    return isOutOfDescriptors(error) ? Number.POSITIVE_INFINITY : null;
  }
}

function isOutOfDescriptors(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EMFILE';
}

/** A machine with more TCP sockets than this is not asked about each of them. */
const MOST_SOCKETS = 200_000;

/**
 * How many local ports connections to one of these addresses occupy, TIME_WAIT included (the address with the most of
 * them), of those the system hands out. Null where the system does not say, or has too many sockets to be asked.
 * Reading takes the longer the more TCP sockets there are.
 */
export async function portsTowards(
  addresses: readonly string[],
  port: number,
): Promise<{ used: number; available: number } | null> {
  try {
    const range = /^(\d+)\s+(\d+)/.exec(await textOf('/proc/sys/net/ipv4/ip_local_port_range'));
    if (range === null) return null;
    const [from, to] = [Number(range[1]), Number(range[2])];
    if ((await tcpSockets()) > MOST_SOCKETS) return null;
    const used = await Promise.all(addresses.map((address) => countTowards(address, port, { from, to })));
    return { used: Math.max(0, ...used), available: to - from + 1 };
  } catch {
    return null;
  }
}

/** TCP sockets of the network namespace, those in TIME_WAIT too; 0 where the system does not say. */
async function tcpSockets(): Promise<number> {
  const counts = /^TCP: inuse (\d+).* tw (\d+)/m.exec(await textOf('/proc/net/sockstat'));
  return counts === null ? 0 : Number(counts[1]) + Number(counts[2]);
}

async function countTowards(address: string, port: number, range: { from: number; to: number }): Promise<number> {
  const remote = `${hexAddress(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = createReadStream(isIP(address) === 6 ? '/proc/net/tcp6' : '/proc/net/tcp', 'latin1');
  const count = createPortCount(remote, range);
  for await (const chunk of rows) count.read(chunk as string);
  return count.ports();
}

/** Counts local ports of one remote end in the kernel's table of sockets, which comes in pieces. */
export function createPortCount(remote: string, { from, to }: { from: number; to: number }) {
  const ports = new Set<number>();
  let rest = '';
  return {
    read(chunk: string): void {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, local, other] = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) (\S+) /.exec(line) ?? [];
        const port = Number.parseInt(local ?? '', 16);
        if (other === remote && port >= from && port <= to) ports.add(port);
      }
    },
    ports: () => ports.size,
  };
}

/** An address as the kernel writes it: words of 32 bits in the byte order of this machine. */
export function hexAddress(address: string, order = endianness()): string {
  const words = isIP(address) === 6 ? wordsOfV6(address) : [address.split('.').map(Number)];
  return words
    .flatMap((bytes) => (order === 'LE' ? bytes.toReversed() : bytes))
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}

function wordsOfV6(address: string): number[][] {
  // The URL parser writes every form of an address in one: groups of hex, the longest run of zeros left out.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const all = [...before, ...Array(8 - before.length - after.length).fill(0), ...after] as number[];
  const bytes = all.flatMap((group) => [group >> 8, group & 0xff]);
  return [0, 4, 8, 12].map((at) => bytes.slice(at, at + 4));
}
