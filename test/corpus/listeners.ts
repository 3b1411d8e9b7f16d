const LISTEN = '0A';

/** From the text of /proc/net/tcp, up to the first connection: `  0: 0100007F:4E20 00000000:0000 0A ...`. */
export function listeningPorts(text: string): number[] {
  const ports: number[] = [];
  for (const line of text.split('\n').slice(1)) {
    if (!isListening(line)) break;
    const address = line.trim().split(/\s+/)[1] ?? '';
    ports.push(Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16));
  }
  return ports;
}

export function isListening(line: string): boolean {
  return line.trim().split(/\s+/)[3] === LISTEN;
}
