import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { pinned } from './measured-process.ts';

export interface Nginx {
  url: string;
  /** What it has counted since it started. */
  counts(): Promise<NginxCounts>;
  stop(): Promise<void>;
}

export interface NginxCounts {
  connections: number;
  requests: number;
}

export function nginxVersion(): string | null {
  const { status, stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  return status === 0 ? (/nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown') : null;
}

/** One worker on the server's core that answers 200 to everything and never ends a connection by itself. */
export async function startNginx(): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-bench-nginx-'));
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port));
  const argv = pinned('server', ['nginx', '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]);
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const leave = (): boolean => child.kill('SIGTERM');
  process.once('exit', leave);
  ended.then(() => process.off('exit', leave));
  if (!(await listens(port, () => child.exitCode === null))) {
    await stop();
    throw new Error('nginx did not start');
  }
  const url = `http://127.0.0.1:${port}`;
  return { url, counts: () => countsOf(url), stop };
}

/** Its status page, which is asked for on a connection of its own and counts itself. */
async function countsOf(url: string): Promise<NginxCounts> {
  const text = await (await fetch(`${url}/status`, { headers: { connection: 'close' } })).text();
  const [, connections = 0, requests = 0] = (/requests\s+(\d+) \d+ (\d+)/.exec(text) ?? []).map(Number);
  return { connections: connections - 1, requests: requests - 1 };
}

function configuration(folder: string, port: number): string {
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 16384; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /status { stub_status; }
    location / { default_type text/plain; return 200 "ok"; }
  }
}
`;
}

async function listens(port: number, alive: () => boolean): Promise<boolean> {
  for (const until = performance.now() + 5000; performance.now() < until && alive(); await delay(20)) {
    const socket = connect({ host: '127.0.0.1', port });
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return true;
  }
  return false;
}
