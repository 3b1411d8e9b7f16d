import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort } from '../free-port.ts';
import { folder } from './drive.ts';

/** Whether a program is here; says so where it is not. */
export function has(program: string, ...args: string[]): boolean {
  const here = spawnSync(program, args).error === undefined;
  if (!here) console.log(`skipped: ${program} is missing`);
  return here;
}

/** Starts a program that the test ends, with all that it has started. */
export function start(
  program: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): ChildProcess {
  const child = spawn(program, args, { stdio: 'ignore', detached: true, ...options });
  onTestFinished(async () => {
    const exited = child.exitCode !== null || child.signalCode !== null ? null : once(child, 'exit');
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // The group is gone.
    }
    await exited;
  });
  return child;
}

/** Resolves once it holds, asked every 20 ms. */
export async function soon(what: string, holds: () => boolean | Promise<boolean>, patienceMs = 12_000): Promise<void> {
  const until = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`${what}: not within ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface Nginx {
  dir: string;
  port: number;
  errorLog: string;
  accessLog: string;
  pidfile: string;
  reload(): void;
}

/** nginx with two workers, in a folder of its own; `location` is the inside of its one location. */
export async function startNginx(location: string): Promise<Nginx> {
  const dir = folder();
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; pid nginx.pid; worker_processes 2; error_log error.log notice;
events {}
http { access_log access.log; ${temporary.join(' ')}
server { listen 127.0.0.1:${port}; location / { ${location} } } }\n`,
  );
  const args = ['-e', 'stderr', '-p', `${dir}/`, '-c', join(dir, 'nginx.conf')];
  start('nginx', args);
  const pidfile = join(dir, 'nginx.pid');
  await soon('nginx', async () => existsSync(pidfile) && (await answers(port)));
  return {
    dir,
    port,
    pidfile,
    errorLog: join(dir, 'error.log'),
    accessLog: join(dir, 'access.log'),
    reload: () => {
      const { status, stderr } = spawnSync('nginx', [...args, '-s', 'reload'], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    },
  };
}

/** By a connection without a request: a request would be in the logs, maybe only after it was answered. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
