import { startServer, type ToldServer } from './told-server.ts';

/** Of the requests it matches, a rule hits every `every`th, at most `times` times, for `forMs` from now. */
export interface FaultRule {
  fault: string;
  every?: number;
  times?: number;
  forMs?: number;
  on?: 'any' | 'fresh' | 'reused';
  path?: string;
  status?: number;
  afterMs?: number;
  everyMs?: number;
  bytes?: number;
  text?: string;
  /** Truncated and extended answers carry `Connection: close`. */
  announce?: boolean;
}

export interface FaultCount {
  total: number;
  fresh: number;
  reused: number;
  /** Of `total`, those where the client had gone before the fault could be served. */
  abandoned: number;
}

/** Instants are CLOCK_MONOTONIC in ns, as text. */
export interface FaultWindow {
  fault: string;
  beganAt: string;
  endedAt: string | null;
}

export interface ServerCounts {
  connections: number;
  requests: { total: number; fresh: number; reused: number };
  byPath: Record<string, number>;
  ok: number;
  abandoned: number;
  faults: Record<string, FaultCount>;
  peakOpen: number;
  open: number;
  windows: FaultWindow[];
  now: string;
}

export interface FaultHit {
  fault: string;
  at: string;
  path: string;
  connection: 'fresh' | 'reused';
}

export interface FaultServer extends Pick<ToldServer, 'port' | 'pid' | 'controlUrl' | 'stop'> {
  url: string;
  fault(rule: FaultRule): Promise<void>;
  clear(): Promise<void>;
  reset(): Promise<void>;
  counts(): Promise<ServerCounts>;
  hits(): Promise<FaultHit[]>;
  version(value: string): Promise<void>;
  /** Resolved when the stall is over. */
  stall(forMs: number): Promise<void>;
  freeze(forMs: number): Promise<void>;
  /** Resolved when the server listens again. */
  refuse(forMs: number, established?: 'keep' | 'reset' | 'close'): Promise<void>;
}

export interface FaultServerOptions {
  port?: number;
  version?: string;
  /** What it listens on in place of 127.0.0.1. */
  address?: string;
  /** A command line that starts another: puts the server into a place of its own. */
  through?: string[];
}

/** Starts a fault server on a free port; it ends with the calling process at the latest. */
export async function startFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const { port = 0, version = '', address = '127.0.0.1' } = options;
  const env = { PORT: String(port), VERSION: version, ADDRESS: address };
  const server = await startServer('fault-server.mjs', env, options.through);
  const tell = async (name: string, rest: object = {}): Promise<void> => {
    await server.ask({ do: name, ...rest });
  };
  return {
    port: server.port,
    pid: server.pid,
    controlUrl: server.controlUrl,
    url: `http://${address}:${server.port}`,
    fault: (rule) => tell('fault', rule),
    clear: () => tell('clear'),
    reset: () => tell('reset'),
    counts: () => server.ask({ do: 'counts' }) as Promise<ServerCounts>,
    hits: () => server.ask({ do: 'hits' }) as Promise<FaultHit[]>,
    version: (value) => tell('version', { value }),
    stall: (forMs) => tell('stall', { forMs }),
    freeze: (forMs) => tell('freeze', { forMs }),
    refuse: (forMs, established = 'keep') => tell('refuse', { forMs, established }),
    stop: () => server.stop(),
  };
}
