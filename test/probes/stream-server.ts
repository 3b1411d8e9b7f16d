import { startServer, type ToldServer } from '../apps/told-server.ts';

export interface StreamCounts {
  handshakes: number;
  messages: number;
  echoed: number;
  swallowed: number;
  duplicated: number;
  closed: number;
  streams: number;
  events: number;
  skipped: number;
  cut: number;
  lastEventIds: string[];
  headers: Record<string, string>;
  nextEvent: number;
}

/** A server of WebSockets and event streams in a process of its own: test/apps/stream-server.mjs. */
export interface StreamServer extends ToldServer {
  counts(): Promise<StreamCounts>;
}

export async function startStreamServer(env: Record<string, string> = {}): Promise<StreamServer> {
  const server = await startServer('stream-server.mjs', env);
  return { ...server, counts: async () => (await server.ask({ do: 'counts' })) as StreamCounts };
}
