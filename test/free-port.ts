import { createServer } from 'node:net';

/** Below the range of outgoing connections (32,768 on), and beside the ports of scenarios and of other tests. */
const LOWEST = 10_000;
const HIGHEST = 15_000;

/**
 * A port of 127.0.0.1 on which nobody listens. A port that the system gives (listen on 0) is one of those it gives to
 * outgoing connections, too: in a busy test run another one has it a moment later.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
