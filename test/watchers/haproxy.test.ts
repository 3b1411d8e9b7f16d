import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_PATTERNS } from '../../src/scenario/watch-patterns.js';
import { freePort } from '../free-port.ts';
import { folder, type Watched, watching } from './drive.ts';
import { has, soon, start } from './servers.ts';

const states = (watched: Watched, subject: string) =>
  watched.all('state').flatMap((each) => (each.subject === subject ? [each.value] : []));
const value = (watched: Watched, subject: string) =>
  watched.all('value').findLast((each) => each.subject === subject)?.value;

async function command(socket: string, text: string): Promise<void> {
  const connection = connect(socket);
  connection.end(`${text}\n`);
  connection.resume();
  await once(connection, 'close');
}

async function app(port: number) {
  const server = createHttp((_, response) => response.end('ok')).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(close);
  return { close };
}

describe.runIf(has('haproxy', '-v'))('a watched HAProxy', () => {
  async function running() {
    const dir = folder();
    const [port, a, b] = [await freePort(), await freePort(), await freePort()];
    const socket = join(dir, 'admin.sock');
    const config = join(dir, 'haproxy.cfg');
    writeFileSync(
      config,
      `global
  stats socket ${socket} mode 600 level admin expose-fd listeners
  log ${join(dir, 'log.sock')} local0
defaults
  mode http
  log global
  option httplog
  timeout connect 1s
  timeout client 5s
  timeout server 5s
  option redispatch 1
  retries 2
frontend web
  bind 127.0.0.1:${port}
  default_backend shop
backend shop
  option httpchk GET /
  default-server check inter 100ms fall 2 rise 1
  server a 127.0.0.1:${a}
  server b 127.0.0.1:${b}
`,
    );
    const [serverA] = [await app(a), await app(b)];
    const proxy = start('haproxy', ['-W', '-f', config]);
    await soon('its socket', () => existsSync(socket));
    await soon('its port', () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    const watched = watching('haproxy', { socket, backends: [] });
    await watched.until('a table', () => states(watched, 'shop/b').includes('UP'));
    return { proxy, socket, watched, port, a, serverA };
  }

  it('shows drained servers, weights, and one that is down by its checks', async () => {
    const { socket, watched, serverA } = await running();
    await command(socket, 'set server shop/a state drain');
    await watched.until('drain', () => states(watched, 'shop/a').at(-1) === 'DRAIN');
    await command(socket, 'set server shop/a state ready');
    await command(socket, 'set server shop/b weight 100');
    await watched.until('ready', () => states(watched, 'shop/a').at(-1) === 'UP');
    expect(states(watched, 'shop/b weight')).toEqual(['1', '100']);
    serverA.close();
    await watched.until('down', () => states(watched, 'shop/a').at(-1) === 'DOWN');
    expect(states(watched, 'shop/a')).toEqual(['UP', 'DRAIN', 'UP', 'DOWN']);
    expect(states(watched, 'shop/FRONTEND')).toEqual([]);
  });

  it('counts how often it tried again, and tells of its reload', async () => {
    const { proxy, watched, serverA, port } = await running();
    await watched.until('a value', () => value(watched, 'shop retries') !== undefined);
    serverA.close();
    for (let n = 0; n < 6; n += 1) await fetch(`http://127.0.0.1:${port}/`);
    await watched.until('retries', () => (value(watched, 'shop retries') ?? 0) > 0);
    proxy.kill('SIGUSR2');
    await watched.until('a reload', () => watched.all('incident').length === 1);
    expect(watched.all('incident')[0]).toMatchObject({ subject: 'process' });
  });
});

describe.runIf(has('haproxy', '-v'))('the lines of HAProxy', () => {
  it('are known as it writes them', async () => {
    const dir = folder();
    const [port, nowhere, sick] = [await freePort(), await freePort(), await freePort()];
    const logFile = join(dir, 'haproxy.log');
    const config = join(dir, 'haproxy.cfg');
    // Answers with half a body and closes.
    const half = createServer((socket) =>
      socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf'),
    );
    half.listen(sick, '127.0.0.1');
    onTestFinished(() => void half.close());
    writeFileSync(
      config,
      `global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:${port}
  use_backend half if { path /half }
  use_backend moved if { path /moved }
  default_backend gone
backend gone
  server a 127.0.0.1:${nowhere}
backend half
  server a 127.0.0.1:${sick}
backend moved
  http-request redirect location /
`,
    );
    writeFileSync(logFile, '');
    start('sh', ['-c', `exec haproxy -f ${config} >${logFile} 2>&1`]);
    const url = `http://127.0.0.1:${port}`;
    await soon('its port', () =>
      fetch(`${url}/moved`, { redirect: 'manual' }).then(
        () => true,
        () => false,
      ),
    );
    const watched = watching('log', { path: logFile, patterns: [...DEFAULT_PATTERNS] });
    await watched.sees();
    await fetch(`${url}/moved`, { redirect: 'manual' });
    expect((await fetch(`${url}/`)).status).toBe(503);
    await fetch(`${url}/half`)
      .then((response) => response.text())
      .catch(() => {});
    await watched.until('both', () => watched.all('lines').reduce((sum, { count }) => sum + count, 0) >= 2);
    await watched.stop();
    const found = watched.all('line').map(({ pattern, text }) => `${pattern} ${/ ([A-Z-]{2}--) /.exec(text)?.[1]}`);
    expect(found.sort()).toEqual(['haproxy-error SC--', 'haproxy-error SD--']);
  });
});

it('is blind where nothing answers, and where something else does', async () => {
  const nowhere = watching('haproxy', { socket: join(folder(), 'none.sock'), backends: [] });
  await nowhere.until('blind', () => nowhere.all('blind').length === 1);
  const path = join(folder(), 'other.sock');
  const other = createServer((socket) => socket.on('error', () => {}).end('hello\n')).listen(path);
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const watched = watching('haproxy', { socket: path, backends: [] });
  await watched.until('blind', () => watched.all('blind').length === 1);
  expect(watched.all('blind')[0]?.detail).toContain('gave no table of its servers');
});
