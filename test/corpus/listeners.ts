const LISTEN = '0A';

/**
 * The sockets that listen, by port, as inodes: the same inode is the same socket, which listened all the time. From the
 * text of /proc/net/tcp, up to the first connection: `  0: 0100007F:4E20 00000000:0000 0A ...`.
 */
export function listeningSockets(text: string): Map<number, string[]> {
  const sockets = new Map<number, string[]>();
  for (const line of text.split('\n').slice(1)) {
    if (!isListening(line)) break;
    const fields = line.trim().split(/\s+/);
    const address = fields[1] ?? '';
    const port = Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
    sockets.set(port, [...(sockets.get(port) ?? []), fields[9] ?? '']);
  }
  return sockets;
}

export function isListening(line: string): boolean {
  return line.trim().split(/\s+/)[3] === LISTEN;
}
