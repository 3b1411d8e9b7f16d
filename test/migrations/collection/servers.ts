import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** A PostgreSQL of our own on a Unix socket; its log tells how long each wait for a lock took. */
export interface Server {
  /** As the server says it: `15.13`. */
  version: string;
  /** Folder of its socket. */
  host: string;
  log: string;
  stop: () => Promise<void>;
}

/** Waits that are shorter do not reach the log. */
export const SHORTEST_WAIT_MS = 10;

/** PostgreSQL refuses to run as root; `nobody` is everywhere. */
const OWNER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const SETTINGS = {
  listen_addresses: '',
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  dynamic_shared_memory_type: 'mmap',
  timezone: 'UTC',
  lc_messages: 'C',
  log_lock_waits: 'on',
  deadlock_timeout: `${SHORTEST_WAIT_MS}ms`,
  log_line_prefix: '%p ',
};

/** `bin`: where its `postgres` and `initdb` are; made in a new folder below the one for temporary files. */
export async function startServer(bin: string): Promise<Server> {
  const dir = mkdtempSync(join(tmpdir(), 'zdd-measure-'));
  chmodSync(dir, 0o711);
  const data = join(dir, 'data');
  for (const each of [data, join(dir, 'socket')]) {
    mkdirSync(each, { mode: 0o700 });
    if (OWNER.uid !== undefined) chownSync(each, OWNER.uid, OWNER.gid);
  }
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    { ...OWNER, cwd: dir, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
  const log = join(dir, 'log');
  const output = openSync(log, 'a');
  const settings = { ...SETTINGS, unix_socket_directories: join(dir, 'socket') };
  const child = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...OWNER, cwd: dir, stdio: ['ignore', output, output] },
  );
  closeSync(output);
  const host = join(dir, 'socket');
  const version = await answering(child, host, log);
  return { version, host, log, stop: () => stopped(child, dir) };
}

export async function connect(server: Server, database: string, name: string): Promise<pg.Client> {
  const client = new pg.Client({ host: server.host, user: 'postgres', database, application_name: name });
  client.on('error', () => undefined); // the query under way is told
  await client.connect();
  return client;
}

async function answering(child: ChildProcess, host: string, log: string): Promise<string> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const client = new pg.Client({ host, user: 'postgres', database: 'postgres' });
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      await client.end();
      return rows[0]!.server_version;
    } catch (error) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`PostgreSQL does not answer (${(error as Error).message}):\n${readFileSync(log, 'utf8')}`);
      await delay(50);
    }
  }
}

async function stopped(child: ChildProcess, dir: string): Promise<void> {
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT'); // fast: whoever is connected is cut off
  await exit;
  rmSync(dir, { recursive: true, force: true });
}
