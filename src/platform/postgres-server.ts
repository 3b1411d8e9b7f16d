import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { messageOf, ZddError } from '../model/errors.js';

/** A throw-away PostgreSQL on a Unix socket, gone with its data when it is stopped or when this process ends. */
export interface PostgresServer {
  /** Folder of its socket. */
  host: string;
  port: number;
  /** Its superuser, who needs no password on the socket. */
  user: string;
  /** `15.13`. */
  version: string;
  /** Whether it still runs. */
  running(): boolean;
  /** What it wrote last. */
  lastWords(): Promise<string>;
  stop(): Promise<void>;
}

const PORT = 5432;
const USER = 'postgres';
const START_MS = 300_000;
const STOP_MS = 30_000;
const POLL_MS = 20;
const SOCKET_BYTES = process.platform === 'darwin' ? 103 : 107;
/** PostgreSQL refuses to run as root. `nobody` exists on every system, so no user has to be created. */
const NOBODY = process.platform === 'darwin' ? 4_294_967_294 : 65_534;

/** Kept out of the way of the user's own servers: a socket that only this user can reach, and no port at all. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  max_prepared_transactions: '10',
  shared_buffers: '64MB',
  // Inside the data directory rather than in /dev/shm, which containers make small.
  dynamic_shared_memory_type: 'mmap',
  // Nothing is kept, and nobody else's vacuum or checkpoint shall be measured.
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_wal_size: '4GB',
  log_lock_waits: 'off',
  lc_messages: 'C',
};

/**
 * The server is the child of a small shell whose standard input is a pipe from this process: when the pipe ends, which
 * it does with this process at the latest and however that is ended, the shell stops the server and removes its folder.
 * What it listens to is the end of the input, so that no message has to be sent.
 */
const SUPERVISE = `
folder=$1 prefix=$2 bin=$3
shift 3
exec 3<&0 </dev/null >"$folder/log" 2>&1
umask 077
if $prefix "$bin/initdb" -D "$folder/data" -U ${USER} -A trust -E UTF8 --locale=C --no-sync --no-instructions >/dev/null; then
  "$bin/postgres" -D "$folder/data" "$@" &
  pid=$!
  (
    read -r _ <&3
    kill -INT "$pid"
    tries=0
    while kill -0 "$pid" && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
    kill -QUIT "$pid"
  ) >/dev/null 2>&1 &
  wait "$pid"
  echo stopped >"$folder/stopped"
fi
read -r _ <&3
rm -rf "$folder"
`;

/** `bin`: the folder with `postgres` and `initdb`. */
export async function startPostgres({ bin }: { bin: string }): Promise<PostgresServer> {
  const version = await versionOf(bin);
  const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const folder = await ownFolder(owner.uid);
  const settings = Object.entries({ ...SETTINGS, unix_socket_directories: folder });
  const child = spawn(
    'sh',
    [
      '-c',
      SUPERVISE,
      'sh',
      folder,
      namedUser(),
      bin,
      ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    // In a session of its own: Ctrl-C in the terminal is for this process alone, which then ends it.
    { ...owner, cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  child.unref();
  child.stdin?.on('error', () => {});
  const running = watch(child);
  const lastWords = async () => tailOf(await readFile(join(folder, 'log'), 'utf8').catch(() => ''));
  const stop = () => end(child, running, folder);
  const server = { host: folder, port: PORT, user: USER, version, running, lastWords, stop };
  try {
    await ready(server, bin);
    return server;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Such as `15.13`, of a folder of programs. */
async function versionOf(bin: string): Promise<string> {
  const {
    stdout = '',
    failed,
    message,
  } = await execa(join(bin, 'postgres'), ['--version'], {
    reject: false,
    cleanup: false,
    timeout: START_MS,
    stdin: 'ignore',
  });
  const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1];
  if (!failed && version !== undefined) return version;
  throw new ZddError('PROGRAM_MISSING', `no PostgreSQL that can be started in ${bin}: ${message ?? stdout}`, {
    hint: 'the folder with the programs `postgres` and `initdb`, such as /usr/lib/postgresql/15/bin',
  });
}

/** The path of a socket is short: where the temporary folder is not, /tmp is used. */
async function ownFolder(owner: number | undefined): Promise<string> {
  const base = await realpath(tmpdir());
  const short = Buffer.byteLength(join(base, 'zdd-postgres-XXXXXX', `.s.PGSQL.${PORT}.lock`)) <= SOCKET_BYTES;
  const folder = await mkdtemp(join(short ? base : '/tmp', 'zdd-postgres-'));
  if (owner !== undefined) {
    await reachable(dirname(folder));
    await chown(folder, owner, owner);
  }
  await chmod(folder, 0o700);
  return folder;
}

async function reachable(folder: string): Promise<void> {
  for (let each = folder; ; each = dirname(each)) {
    if (((await stat(each)).mode & 0o001) === 0) {
      throw new ZddError('OUTPUT_UNWRITABLE', `as root PostgreSQL runs as nobody, who cannot enter ${each}`, {
        hint: 'set TMPDIR to a folder that everybody can enter, such as /tmp',
      });
    }
    if (each === dirname(each)) return;
  }
}

/**
 * Containers often run under a user id without a name, which initdb (not the server) refuses. There it runs in a user
 * namespace of its own, where the same id is called nobody.
 */
function namedUser(): string {
  if (process.getuid?.() === 0) return '';
  try {
    userInfo();
    return '';
  } catch {
    return `unshare --user --map-user=${NOBODY} --map-group=${NOBODY}`;
  }
}

function watch(child: ChildProcess): () => boolean {
  let over = false;
  child.once('exit', () => {
    over = true;
  });
  child.once('error', () => {
    over = true;
  });
  return () => !over;
}

/** The server writes `ready` into its process file once it takes connections. */
async function ready(server: PostgresServer, bin: string): Promise<void> {
  const file = join(server.host, 'data', 'postmaster.pid');
  for (let waited = 0; waited < START_MS; waited += POLL_MS) {
    const state = (await readFile(file, 'utf8').catch(() => '')).split('\n')[7]?.trim();
    if (state === 'ready') return;
    if (!server.running()) break;
    if (await exists(join(server.host, 'stopped'))) break;
    if (waited % 1000 === 0 && waited > 0 && (await failedEarly(server.host))) break;
    await delay(POLL_MS);
  }
  throw new ZddError('PROGRAM_MISSING', `PostgreSQL of ${bin} did not start: ${await server.lastWords()}`);
}

/** initdb removes what it made when it fails. */
async function failedEarly(folder: string): Promise<boolean> {
  const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
  return /^initdb: (?:error|removing)|not found|unshare:/m.test(log);
}

async function end(child: ChildProcess, running: () => boolean, folder: string): Promise<void> {
  child.stdin?.end();
  for (let waited = 0; waited < STOP_MS && running(); waited += POLL_MS) await delay(POLL_MS);
  await rm(folder, { recursive: true, force: true }).catch((error) => {
    throw new ZddError('OUTPUT_UNWRITABLE', `PostgreSQL left ${folder} behind: ${messageOf(error)}`);
  });
}

function tailOf(log: string): string {
  return log.trim().split('\n').slice(-3).join(' ').slice(-1000);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
