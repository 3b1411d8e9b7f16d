import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Client } from 'pg';
import { messageOf } from '../../model/errors.js';
import { type Clock, clockSince, monotonicNs } from '../../platform/clock.js';
import { freePort } from '../../platform/ports.js';
import { frame, openingOf } from './frames.js';
import { relay } from './relay.js';
import { type SeenStatement, Session } from './session.js';

/** What watches the locks is told when a session waits for its next message. */
export interface ProxyHooks {
  /** A connection to the shadow database, with these settings. */
  connect(settings: Map<string, string>): Promise<Client>;
  /** The session waits, in an open transaction or not; it goes on when this is resolved. */
  onIdle(session: Session, pid: number, inTransaction: boolean): Promise<void>;
}

/** The place that the migration connects to in place of the database. */
export interface TraceProxy {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  clock: Clock;
  /** In the order they ended in, of every session. */
  statements(): SeenStatement[];
  sessions: Map<number, Session>;
  /** Ends every connection at once, and what the server does for them. */
  abort(): Promise<void>;
  /** Why a connection failed; null where none did. */
  failure(): string | null;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const USER = 'migration';
/** Any name is taken for the user and the database: some projects have theirs written down. */
const DATABASE = 'shadow';
const PORT_TRIES = 5;
const MAX_OPENING_BYTES = 20_000;

/**
 * Stands between the migration and the shadow database, so that every statement is seen with its time, whatever framework
 * sends it, on any server, and no log of the server has to be read. Other users of this machine do not know the password.
 */
export async function startProxy(hooks: ProxyHooks): Promise<TraceProxy> {
  const password = randomBytes(18).toString('hex');
  const clock = clockSince(monotonicNs());
  const sessions = new Map<number, Session>();
  const all: Session[] = [];
  const sockets = new Set<Socket>();
  let failure: string | null = null;
  let transactions = 0;
  const nextTransaction = () => {
    transactions += 1;
    return transactions;
  };
  const serve = async (socket: Socket): Promise<void> => {
    const opened = await open(socket, password);
    if (opened === null) return;
    const client = await hooks.connect(opened.settings);
    const pid = pidOf(client);
    const session = new Session(pid, clock.now, nextTransaction);
    sessions.set(pid, session);
    all.push(session);
    try {
      await relay({ socket, first: opened.rest, client, session, onIdle: (open) => hooks.onIdle(session, pid, open) });
    } finally {
      sessions.delete(pid);
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    serve(socket).catch((error) => {
      failure ??= messageOf(error);
      refuse(socket, '08006', messageOf(error));
    });
  });
  const port = await listen(server);
  return {
    host: HOST,
    port,
    user: USER,
    password,
    database: DATABASE,
    clock,
    sessions,
    statements: () => all.flatMap((session) => session.statements).sort((a, b) => a.endMs - b.endMs),
    abort: async () => {
      const pids = [...sessions.keys()];
      for (const socket of sockets) socket.destroy();
      const client = await hooks.connect(new Map());
      await client.query('select pg_terminate_backend(pid) from unnest($1::int[]) pid', [pids]).catch(() => {});
      await client.end();
    },
    failure: () => failure,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export function urlOf({ host, port, user, password, database }: TraceProxy): string {
  return `postgresql://${user}:${password}@${host}:${port}/${database}`;
}

/** Not known to the types of the driver. */
export function pidOf(client: Client): number {
  return (client as unknown as { processID: number }).processID;
}

async function listen(server: Server): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, HOST, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return port;
    } catch (error) {
      if (tries === PORT_TRIES) throw error;
    }
  }
}

/** Everything up to the password; null where the connection is over with that. */
async function open(socket: Socket, password: string): Promise<{ settings: Map<string, string>; rest: Buffer } | null> {
  let settings: Map<string, string> | null = null;
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(socket)) {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length > MAX_OPENING_BYTES) break;
    while (settings === null) {
      const found = openingOf(bytes);
      if (found === null) break;
      bytes = found.rest;
      if (found.opening.kind === 'encryption') socket.write('N');
      else if (found.opening.kind === 'startup') {
        settings = found.opening.parameters;
        // A newer form of the protocol is asked for and not needed: the client goes on with the one everybody has.
        if (found.opening.minor > 0) socket.write(frame('v', 0x30000, 0));
        socket.write(frame('R', 3));
      } else {
        socket.destroy();
        return null;
      }
    }
    if (settings === null || bytes.length < 5 || bytes.length < bytes.readInt32BE(1) + 1) continue;
    const end = bytes.readInt32BE(1) + 1;
    const given = bytes.subarray(5, end - 1);
    if (bytes[0] === 0x70 && given.length === password.length && timingSafeEqual(given, Buffer.from(password))) {
      return { settings, rest: bytes.subarray(end) };
    }
    refuse(socket, '28P01', 'the password of the shadow database is wrong: it is in DATABASE_URL and PGPASSWORD');
    return null;
  }
  socket.destroy();
  return null;
}

/** Chunks until the reader has enough; the socket lives on. */
async function* chunksOf(socket: Socket): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = await new Promise<Buffer | null>((resolve) => {
      const settle = (value: Buffer | null) => {
        socket.off('data', onData);
        socket.off('close', onClose);
        socket.pause();
        resolve(value);
      };
      const onData = (data: Buffer) => settle(data);
      const onClose = () => settle(null);
      socket.on('data', onData);
      socket.on('close', onClose);
      socket.resume();
    });
    if (chunk === null) return;
    yield chunk;
  }
}

function refuse(socket: Socket, code: string, message: string): void {
  if (socket.destroyed) return;
  socket.end(frame('E', 'SFATAL', 'VFATAL', `C${code}`, `M${message}`, Buffer.from([0])));
}
