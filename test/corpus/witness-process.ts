/** The witness itself. Arguments: the first port, and how many. Says `looking`, and what it saw when it is told `end`. */
import { openSync, readSync } from 'node:fs';
import { setPriority } from 'node:os';
import { isListening, listeningSockets } from './listeners.ts';
import { newRecord } from './witness.ts';

const EVERY_MS = 20;
/**
 * The list of IPv6 takes the kernel long, because it is walked to its end where there are no IPv6 connections: it is
 * looked at for the ports that were found there, and now and then for others.
 */
const IPV6_EVERY_MS = 250;

const [firstPort = 0, ports = 0] = process.argv.slice(2).map(Number);
const files = { ipv4: openSync('/proc/net/tcp', 'r'), ipv6: openSync('/proc/net/tcp6', 'r') };
const buffer = Buffer.alloc(2048);
const record = newRecord(ports);
const onIpv6 = new Set<number>();
let ipv6At = 0;

function look(): void {
  const at = Date.now();
  const found = read(files.ipv4);
  if (at - ipv6At >= IPV6_EVERY_MS || [...onIpv6].some((port) => !found.has(port))) {
    ipv6At = at;
    for (const [port, sockets] of read(files.ipv6)) {
      found.set(port, [...(found.get(port) ?? []), ...sockets]);
      if (port >= firstPort && port < firstPort + ports) onIpv6.add(port);
    }
  }
  record.look(
    at,
    Array.from({ length: ports }, (_, index) => found.get(firstPort + index) ?? []),
  );
}

/** The sockets that listen, by port. The kernel lists listeners first: reading ends with the first connection. */
function read(file: number): Map<number, string[]> {
  let text = '';
  for (let position = 0; ; ) {
    const bytes = readSync(file, buffer, 0, buffer.length, position);
    position += bytes;
    text += buffer.toString('latin1', 0, bytes);
    const lastLine = text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
    if (bytes === 0 || !isListening(lastLine)) return listeningSockets(text);
  }
}

try {
  // It needs little time, and that at once.
  setPriority(-10);
} catch {
  // Not root: it says when it came late.
}
look();
const timer = setInterval(look, EVERY_MS);
process.send?.('looking');
process.once('message', () => {
  clearInterval(timer);
  look();
  process.send?.(record.testimony, () => process.disconnect());
});
process.once('disconnect', () => process.exit());
