import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ProbeOptions } from '../../src/probes/plan.js';
import { websocket } from '../../src/probes/websocket.js';
import { type Endpoint, endpointOf, SYSTEM_TLS } from '../../src/wire/endpoint.js';
import { selfSigned } from './own-authority.ts';
import { type Driven, drive } from './stream-probe.ts';
import { type StreamServer, startStreamServer } from './stream-server.ts';

const OPTIONS = { path: '/ws', headers: {}, connections: 3, everyMs: 20, timeoutMs: 1500 };

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(env: Record<string, string> = {}): Promise<StreamServer> {
  const server = await startStreamServer(env);
  cleanups.push(() => server.stop());
  return server;
}

function probe(target: number | Endpoint, options: Partial<ProbeOptions['websocket']> = {}): Driven {
  const driven = drive(websocket, { ...OPTIONS, ...options }, target);
  cleanups.push(() => driven.abort());
  return driven;
}

test('echoes every message of a good run, and closes in order', async () => {
  const server = await serve();
  const run = probe(server.port);
  await run.ready();
  await server.ask({ do: 'until', what: 'echoed', total: 100 });
  await run.stop();
  await server.ask({ do: 'untilAlone' });
  const counts = await server.counts();
  expect(run.events.filter(({ type }) => type === 'probe-fault')).toEqual([]);
  expect(counts.headers).toMatchObject({ origin: `http://127.0.0.1:${server.port}`, 'user-agent': 'zdd-verify-test' });
  expect(counts).toMatchObject({
    handshakes: 3,
    messages: run.count('sent'),
    echoed: run.count('echoed'),
  });
  expect(run.count('sent')).toBe(run.count('echoed'));
  expect(run.gauge('connected')).toBe(3);
});

test.each([
  { code: 1001, detail: 'close code 1001: going away', key: 'closed_1001' },
  { code: 1012, detail: 'close code 1012: going away', key: 'closed_1012' },
  { code: 'fin', detail: '1006, FIN without a close frame', key: 'closed_1006' },
  { code: 'rst', detail: '1006, RST without a close frame', key: 'closed_1006' },
])('counts each connection that the server closes ($code) and loses nothing', async ({ code, detail, key }) => {
  const server = await serve();
  const run = probe(server.port);
  await run.ready();
  await server.ask({ do: 'close', sockets: 2, code, reason: 'going away' });
  await server.ask({ do: 'until', what: 'handshakes', total: 5 });
  await run.until('connected again', () => run.events.filter(({ type }) => type === 'probe-time').length === 2);
  await run.stop();
  expect(run.faults('disconnects').map((fault) => fault.detail)).toEqual([detail, detail]);
  expect(run.faults('disconnects').every(({ since, at }) => since <= at)).toBe(true);
  expect(run.count(key)).toBe(2);
  expect([run.count('lost'), run.count('failed')]).toEqual([0, 0]);
  expect(run.count('echoed')).toBe(run.count('sent'));
});

test('sends again what was not echoed before the connection closed', async () => {
  const server = await serve();
  const run = probe(server.port);
  await run.ready();
  await server.ask({ do: 'closeUnread', messages: 4 });
  await server.ask({ do: 'until', what: 'closed', total: 4 });
  await run.until('sent again', () => run.count('resent') >= 4);
  await run.stop();
  expect([run.count('disconnects'), run.count('closed_1012')]).toEqual([4, 4]);
  expect(run.count('lost')).toBe(0);
  expect(run.count('echoed')).toBe(run.count('sent'));
});

test('counts exactly the messages that are never echoed, also after they were sent again', async () => {
  const server = await serve();
  const run = probe(server.port, { timeoutMs: 800 });
  await run.ready();
  await server.ask({ do: 'swallow', messages: 7 });
  await server.ask({ do: 'until', what: 'swallowed', total: 7 });
  await server.ask({ do: 'close', sockets: 3, code: 'rst' });
  await run.until('given up', () => run.count('lost') === 7);
  await run.stop();
  expect(run.count('lost')).toBe(7);
  expect(run.count('disconnects')).toBe(3);
  expect(run.count('echoed')).toBe(run.count('sent') - 7);
});

test('counts echoes that come twice', async () => {
  const server = await serve();
  const run = probe(server.port);
  await run.ready();
  await server.ask({ do: 'duplicate', messages: 5 });
  await server.ask({ do: 'until', what: 'duplicated', total: 5 });
  await run.stop();
  expect(run.count('duplicated')).toBe(5);
  expect(run.count('echoed')).toBe(run.count('sent'));
});

test('connects again to a server that was restarted, and loses nothing', async () => {
  const server = await serve();
  const run = probe(server.port);
  await run.ready();
  await server.stop();
  await run.until('disconnected', () => run.count('disconnects') === 3);
  const again = await serve({ PORT: String(server.port) });
  await run.until('connected again', () => run.events.filter(({ type }) => type === 'probe-time').length === 3);
  await run.stop();
  const { handshakes, echoed } = await again.counts();
  expect(handshakes).toBe(3);
  expect(echoed).toBeGreaterThan(0);
  expect([run.count('lost'), run.count('failed')]).toEqual([0, 0]);
  const times = run.events.filter((event) => event.type === 'probe-time');
  expect(times.every(({ ms, name }) => name === 'reconnect' && ms > 0 && ms < 10_000)).toBe(true);
});

test('gives a handshake up that is never answered', async () => {
  const server = await serve();
  await server.ask({ do: 'answer', how: 'hang' });
  const run = probe(server.port, { connections: 1, timeoutMs: 200, everyMs: 1000 });
  await run.until('tried again', () => run.count('handshakesFailed') >= 2);
  await server.ask({ do: 'answer', how: 'serve' });
  await run.ready();
  await run.stop();
  expect([run.count('failed'), run.count('lost')]).toEqual([0, 0]);
});

test('closes a connection that sends a message beyond every bound, and says why', async () => {
  const server = await serve();
  const run = probe(server.port, { connections: 1 });
  await run.ready();
  await server.ask({ do: 'shout', bytes: 100_000 });
  await server.ask({ do: 'shout', bytes: 1024 * 1024 + 1 });
  await run.until('closed', () => run.count('disconnects') === 1);
  await run.stop();
  expect(run.faults('disconnects')[0]?.detail).toBe('not the protocol: Max payload size exceeded');
  expect(run.count('lost')).toBe(0);
});

test('stays small where a server never echoes', async () => {
  const server = await serve();
  await server.ask({ do: 'swallow', messages: 1e9 });
  const run = probe(server.port, { connections: 1, everyMs: 1, timeoutMs: 3000 });
  await run.until('withheld', () => run.count('withheld') > 0);
  await run.stop();
  expect(run.count('lost')).toBe(run.count('sent'));
  expect(run.count('echoed')).toBe(0);
});

test('asks for the subprotocols that a header names', async () => {
  const server = await serve();
  const headers = { 'Sec-WebSocket-Protocol': 'chat.v2, chat', Origin: 'https://other.example', cookie: 'a=1' };
  const run = probe(server.port, { headers, connections: 1 });
  await run.ready();
  await run.stop();
  expect((await server.counts()).headers).toMatchObject({
    'sec-websocket-protocol': 'chat.v2,chat',
    origin: 'https://other.example',
    cookie: 'a=1',
  });
});

test('ends at once when there is no time left', async () => {
  const server = await serve();
  const run = probe(server.port);
  await run.ready();
  expect(await run.abort()).toMatchObject({ message: 'no time left' });
  expect(run.count('disconnects')).toBe(0);
});

test('survives servers that speak no WebSocket', async () => {
  const answers = [
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: no\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    '\u0000\u0001\u0002 garbage\r\n\r\n',
    '',
  ];
  let asked = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answers[asked++ % answers.length] as string));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  const { port } = server.address() as { port: number };
  const run = probe(port, { connections: 2, everyMs: 500 });
  await run.until('every answer', () => run.count('handshakesFailed') >= answers.length * 2);
  await run.abort();
  expect(run.count('disconnects')).toBe(0);
});

test('reaches a server with a certificate of its own, by an address in place of its name', async () => {
  const { key, cert } = selfSigned('shop.internal');
  const server = await serve({ KEY: key, CERT: cert });
  const endpoint = {
    ...endpointOf(`https://shop.internal:${server.port}`),
    address: '127.0.0.1',
    protocol: 'h2' as const,
    tls: { ...SYSTEM_TLS, ca: cert },
  };
  const run = probe(endpoint);
  await run.ready();
  await run.stop();
  expect((await server.counts()).headers.host).toBe(`shop.internal:${server.port}`);
  expect(run.count('echoed')).toBe(run.count('sent'));
});

test('reaches a server on a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-verify-test-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, 'app.sock');
  const server = await serve({ SOCKET: socketPath });
  const run = probe({ ...endpointOf('http://shop.internal'), socketPath });
  await run.ready();
  await run.stop();
  expect((await server.counts()).handshakes).toBe(3);
  expect(run.count('echoed')).toBe(run.count('sent'));
});
