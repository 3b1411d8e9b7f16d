import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connectionTo } from '../../src/wire/connect.js';
import { type Endpoint, endpointOf } from '../../src/wire/endpoint.js';
import { freePort } from '../free-port.ts';
import { send } from './exchanges.ts';

const REQUESTS = 1000;
const NGINX = 'nginx';
const HAS_NGINX = spawnSync(NGINX, ['-v']).status === 0;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe.runIf(HAS_NGINX)('nginx with HTTP/2', () => {
  it('ends its connections by GOAWAY: what it answered and what we lost is exactly what it logged and the rest', async () => {
    const nginx = await startNginx('keepalive_requests 20;');
    const seen = await ask(nginx.endpoint, () => {});
    const logged = await nginx.stop();
    expect(seen.goaway).toBeGreaterThan(0);
    expect(seen).toEqual({ ok: logged, goaway: REQUESTS - logged });
  });

  it('loses nothing else when it is told to reload', async () => {
    const nginx = await startNginx('');
    const seen = await ask(nginx.endpoint, (left) => {
      if (left % 200 === 0) nginx.process.kill('SIGHUP');
    });
    expect(seen).toEqual({ ok: await nginx.stop(), goaway: seen.goaway });
    expect(seen.ok! + seen.goaway!).toBe(REQUESTS);
  });
});

/** Ten requests at a time on one connection, the next one where that is announced to end; counts their fates. */
async function ask(endpoint: Endpoint, each: (left: number) => void): Promise<Record<string, number>> {
  const seen: Record<string, number> = { ok: 0, goaway: 0 };
  const connect = (): ReturnType<typeof connectionTo> => {
    const connection = connectionTo(
      endpoint,
      1,
      () => performance.now(),
      () => {},
    );
    cleanups.push(() => connection.destroy());
    return connection;
  };
  let connection = connect();
  let left = REQUESTS;
  const one = async (): Promise<void> => {
    while (left > 0) {
      each(left);
      left -= 1;
      if (connection.gone || connection.closeAnnounced) connection = connect();
      const { failure, writtenAt } = await send(connection);
      const fate = failure?.how ?? 'ok';
      if (writtenAt === null && fate === 'connecting') left += 1;
      else seen[fate] = (seen[fate] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 10 }, one));
  return seen;
}

interface Nginx {
  endpoint: Endpoint;
  process: ChildProcess;
  /** Ends with the number of answers in the access log. */
  stop(): Promise<number>;
}

async function startNginx(directives: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-h2-nginx-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, directives));
  const child = spawn(NGINX, ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  cleanups.push(end);
  const endpoint: Endpoint = { ...endpointOf(`http://127.0.0.1:${port}`), protocol: 'h2' };
  for (let ready = false; !ready; ) {
    const connection = connectionTo(
      endpoint,
      1,
      () => performance.now(),
      () => {},
    );
    ready = (await send(connection, { target: '/ready' })).failure === null;
    connection.destroy();
  }
  const stop = async (): Promise<number> => {
    await end();
    return readFileSync(join(folder, 'access.log'), 'utf8')
      .split('\n')
      .filter((line) => line === '200 /').length;
  };
  return { endpoint, process: child, stop };
}

function configuration(folder: string, port: number, directives: string): string {
  const unused = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder};`);
  return `daemon off;
error_log ${folder}/error.log;
pid ${folder}/nginx.pid;
worker_processes 2;
events {}
http {
  ${unused.join(' ')}
  log_format fate "$status $uri";
  access_log ${folder}/access.log fate;
  server { listen 127.0.0.1:${port} http2; ${directives} location / { return 200 "hello"; } }
}
`;
}
