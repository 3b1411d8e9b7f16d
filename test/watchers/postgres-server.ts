import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { folder } from './drive.ts';

const VERSIONS = '/usr/lib/postgresql';

/** Where Debian puts the programs of PostgreSQL; null, and said, where they are missing. */
export function postgresPrograms(): string | null {
  const [version] = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort().reverse() : [];
  if (version !== undefined) return join(VERSIONS, version, 'bin');
  console.log('skipped: postgresql is missing');
  return null;
}

export interface PostgresServer {
  url: string;
  /** What the server has written. */
  log(): string;
  restart(): void;
  stop(): void;
}

/** A server with 5 connections on a Unix socket, in a folder of its own. It does not run as root. `settings`: `name=value`. */
export function startPostgres(programs: string, settings: readonly string[] = []): PostgresServer {
  const dir = folder();
  const data = join(dir, 'data');
  const asRoot = process.getuid?.() === 0;
  const user = asRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  if (asRoot) {
    const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
    chownSync(dir, id('-u'), id('-g'));
  }
  chmodSync(dir, 0o755);
  const run = (program: string, ...args: string[]): SpawnSyncReturns<string> => {
    const [file = '', ...rest] = [...user, join(programs, program), ...args];
    const result = spawnSync(file, rest, { cwd: dir, encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`${program}: ${result.stdout}${result.stderr}`);
    return result;
  };
  run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync');
  const all = [
    'listen_addresses=',
    `unix_socket_directories=${dir}`,
    'max_connections=5',
    'superuser_reserved_connections=0',
    'fsync=off',
    ...settings,
  ];
  const options = all.map((setting) => `-c ${setting}`).join(' ');
  const start = () => run('pg_ctl', '-D', data, '-l', join(dir, 'log'), '-w', '-o', options, 'start');
  const stop = () => run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
  start();
  let running = true;
  onTestFinished(() => {
    if (running) stop();
  });
  return {
    url: `postgres://postgres@/postgres?host=${dir}`,
    log: () => readFileSync(join(dir, 'log'), 'utf8'),
    stop: () => {
      stop();
      running = false;
    },
    restart: () => {
      stop();
      start();
    },
  };
}
