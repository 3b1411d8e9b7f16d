import { createServer } from 'node:net';

/** Below the range of outgoing connections, and beside the ports that scenarios have by themselves. */
const LOWEST = 22_000;
const HIGHEST = 31_990;
const WIDTH = 10;
const TRIES = 100;
const taken = new Set<number>();

/** The first of ten ports that nobody listens on, and that no other case of this run is given. */
export async function takePorts(): Promise<{ first: number; count: number; giveBack(): void }> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const first = LOWEST + WIDTH * Math.floor((Math.random() * (HIGHEST - LOWEST)) / WIDTH);
    if (taken.has(first)) continue;
    taken.add(first);
    const free = await Promise.all(Array.from({ length: WIDTH }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return { first, count: WIDTH, giveBack: () => taken.delete(first) };
    taken.delete(first);
  }
  throw new Error(`no ${WIDTH} free ports in a row between ${LOWEST} and ${HIGHEST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
