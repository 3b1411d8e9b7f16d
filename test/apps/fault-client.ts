import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('fault-server.mjs', import.meta.url));

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

export interface FaultServer {
  port: number;
  /** `POST` the JSON of a command here from a step: `{"do":"fault","fault":"rst","every":5}`. */
  controlUrl: string;
  url: string;
  pid: number;
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
  stop(): Promise<void>;
}

/** Starts a fault server on a free port of 127.0.0.1; it ends with the calling process at the latest. */
export async function startFaultServer(options: { port?: number; version?: string } = {}): Promise<FaultServer> {
  const env = { ...process.env, PORT: String(options.port ?? 0), VERSION: options.version ?? '' };
  const child = spawn(process.execPath, [SERVER], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const talk = conversation(child);
  const { port, controlPort, pid } = (await talk.ready) as { port: number; controlPort: number; pid: number };
  const tell = async (name: string, rest: object = {}): Promise<void> => {
    await talk.ask({ do: name, ...rest });
  };
  return {
    port,
    pid,
    url: `http://127.0.0.1:${port}`,
    controlUrl: `http://127.0.0.1:${controlPort}`,
    fault: (rule) => tell('fault', rule),
    clear: () => tell('clear'),
    reset: () => tell('reset'),
    counts: () => talk.ask({ do: 'counts' }) as Promise<ServerCounts>,
    hits: () => talk.ask({ do: 'hits' }) as Promise<FaultHit[]>,
    version: (value) => tell('version', { value }),
    stall: (forMs) => tell('stall', { forMs }),
    freeze: (forMs) => tell('freeze', { forMs }),
    refuse: (forMs, established = 'keep') => tell('refuse', { forMs, established }),
    stop: () => stop(child),
  };
}

/** What the server's first line answers. */
const READY = 0;

interface Reply {
  id?: number;
  ready?: true;
  result?: unknown;
  error?: string;
}

function conversation(child: ChildProcess): { ready: Promise<unknown>; ask(command: object): Promise<unknown> } {
  const asked = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  const settle = (reply: Reply): void => {
    const id = reply.ready ? READY : reply.id!;
    const question = asked.get(id);
    asked.delete(id);
    if (reply.error === undefined) question?.resolve(reply.ready ? reply : reply.result);
    else question?.reject(new Error(reply.error));
  };
  const reply = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      asked.set(id, { resolve, reject });
    });
  let lastId = READY;
  createInterface({ input: child.stdout! }).on('line', (line) => settle(JSON.parse(line) as Reply));
  child.once('exit', (code, signal) => {
    for (const { reject } of asked.values()) reject(new Error(`the fault server ended (${signal ?? code})`));
  });
  child.stdin!.on('error', () => {});
  return {
    ready: reply(READY),
    ask: (command) => {
      lastId += 1;
      child.stdin!.write(`${JSON.stringify({ id: lastId, ...command })}\n`);
      return reply(lastId);
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin!.end();
  await ended;
}
