import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ProbeOptions } from '../../src/probes/plan.js';
import { sse } from '../../src/probes/sse.js';
import { type Endpoint, endpointOf, SYSTEM_TLS } from '../../src/wire/endpoint.js';
import { selfSigned } from './own-authority.ts';
import { type Driven, drive } from './stream-probe.ts';
import { type StreamServer, startStreamServer } from './stream-server.ts';

const OPTIONS = { path: '/events', headers: {}, connections: 3, gapMs: 0 };

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(env: Record<string, string> = {}): Promise<StreamServer> {
  const server = await startStreamServer(env);
  cleanups.push(() => server.stop());
  return server;
}

function probe(target: number | Endpoint, options: Partial<ProbeOptions['sse']> = {}, timeoutMs = 2000): Driven {
  const driven = drive(sse, { ...OPTIONS, ...options }, target, timeoutMs);
  cleanups.push(() => driven.abort());
  return driven;
}

/** A probe that knows by now that the ids of these events count. */
async function released(target: number | Endpoint, options: Partial<ProbeOptions['sse']> = {}): Promise<Driven> {
  const run = probe(target, options);
  run.phase('baseline');
  await run.ready();
  await run.until('ids that count', () => run.gauge('idsConsecutive') === 1);
  run.phase('switch');
  return run;
}

const reconnects = (run: Driven): number => run.events.filter(({ type }) => type === 'probe-time').length;

test('finds nothing in a good run, and closes every stream', async () => {
  const server = await serve();
  const run = await released(server.port, { gapMs: 500 });
  await server.ask({ do: 'until', what: 'events', total: 150 });
  await run.stop();
  await server.ask({ do: 'untilAlone' });
  const counts = await server.counts();
  expect(run.events.filter(({ type }) => type === 'probe-fault')).toEqual([]);
  expect(counts.streams).toBe(3);
  expect(counts.headers).toMatchObject({ accept: 'text/event-stream', 'user-agent': 'zdd-verify-test' });
  expect([run.count('opened'), run.gauge('connected'), run.count('silences')]).toEqual([3, 3, 0]);
  expect(run.count('events')).toBeGreaterThan(100);
});

test.each([
  { how: 'end', detail: 'ended in order', key: 'endedInOrder' },
  { how: 'fin', detail: 'truncated (FIN after', key: 'cut' },
  { how: 'rst', detail: 'truncated (RST after', key: 'cut' },
])(
  'counts each stream that is cut ($how), takes it up where it was and loses nothing',
  async ({ how, detail, key }) => {
    const server = await serve();
    const run = await released(server.port);
    await server.ask({ do: 'cut', streams: 2, how });
    await run.until('connected again', () => reconnects(run) === 2);
    await server.ask({ do: 'until', what: 'events', total: (await server.counts()).events + 5 });
    await run.stop();
    const { lastEventIds } = await server.counts();
    expect(run.faults('disconnects').map((fault) => fault.detail.slice(0, detail.length))).toEqual([detail, detail]);
    expect(run.count(key)).toBe(2);
    expect(lastEventIds).toHaveLength(2);
    expect(lastEventIds.every((id) => Number(id) > 5)).toBe(true);
    expect([run.count('lost'), run.count('failed'), run.count('repeated')]).toEqual([0, 0, 0]);
  },
);

test('counts exactly the events that are missing, for each stream', async () => {
  const server = await serve({ PREFIX: 'orders-' });
  const run = await released(server.port);
  await server.ask({ do: 'skip', events: 4 });
  await run.until('lost', () => run.count('lost') === 12);
  await run.stop();
  expect(run.count('lost')).toBe(12);
  expect(run.faults('lost')[0]?.detail).toMatch(/^event \d+ never came: "orders-\d+" came after "orders-\d+"$/);
});

test('counts the events that a server does not send again after a cut', async () => {
  const server = await serve();
  await server.ask({ do: 'replay', on: false });
  const run = await released(server.port, { connections: 1 });
  await server.ask({ do: 'silence', on: true });
  await server.ask({ do: 'cut', streams: 1, how: 'rst' });
  await run.until('cut', () => run.count('disconnects') === 1);
  await server.ask({ do: 'skip', events: 9 });
  await run.until('connected again', () => reconnects(run) === 1);
  await server.ask({ do: 'silence', on: false });
  await run.until('lost', () => run.count('lost') > 0);
  await run.stop();
  expect(run.count('lost')).toBe(9);
});

test('calls nothing lost where the numbering begins anew', async () => {
  const server = await serve({ FIRST: '1000' });
  const run = await released(server.port);
  await server.ask({ do: 'restart', at: 1 });
  await run.until('restarted', () => run.count('restarts') === 3);
  await run.stop();
  expect([run.count('lost'), run.count('disconnects')]).toEqual([0, 0]);
});

test('calls nothing lost where ids do not count before the release', async () => {
  const server = await serve();
  const run = probe(server.port);
  run.phase('baseline');
  await run.ready();
  await server.ask({ do: 'skip', events: 3 });
  await server.ask({ do: 'until', what: 'events', total: (await server.counts()).events + 10 });
  run.phase('switch');
  await server.ask({ do: 'skip', events: 3 });
  await server.ask({ do: 'until', what: 'events', total: (await server.counts()).events + 10 });
  await run.stop();
  expect([run.count('lost'), run.gauge('idsConsecutive')]).toEqual([0, 0]);
});

test('connects again to a server that was restarted, and loses nothing where the numbers go on', async () => {
  const server = await serve();
  const run = await released(server.port);
  await server.ask({ do: 'silence', on: true });
  const { nextEvent } = await server.counts();
  await server.stop();
  await run.until('disconnected', () => run.count('disconnects') === 3);
  const again = await serve({ PORT: String(server.port), FIRST: String(nextEvent) });
  await run.until('connected again', () => reconnects(run) === 3);
  await again.ask({ do: 'until', what: 'events', total: 10 });
  await run.stop();
  expect([run.count('lost'), run.count('failed')]).toEqual([0, 0]);
  expect((await again.counts()).lastEventIds).toEqual(Array(3).fill(String(nextEvent - 1)));
  const times = run.events.filter((event) => event.type === 'probe-time');
  expect(times.every(({ ms, name }) => name === 'reconnect' && ms > 0 && ms < 10_000)).toBe(true);
});

test('waits as long as the server asks for before it connects again', async () => {
  const server = await serve({ RETRY_MS: '900' });
  const run = await released(server.port, { connections: 1 });
  await server.ask({ do: 'cut', streams: 1, how: 'end' });
  await run.until('connected again', () => reconnects(run) === 1);
  await run.stop();
  expect(run.events.find((event) => event.type === 'probe-time')?.ms).toBeGreaterThanOrEqual(899);
});

test('gives an answer up that never begins, and no stream that only lives', async () => {
  const server = await serve();
  await server.ask({ do: 'answer', how: 'hang' });
  const run = probe(server.port, { connections: 1 }, 200);
  await run.until('tried again', () => run.count('attemptsFailed') >= 2);
  await server.ask({ do: 'silence', on: true });
  await server.ask({ do: 'answer', how: 'serve' });
  await run.ready();
  await run.until('silence beyond the time-out', () => (run.gauge('longestSilenceMs') ?? 0) > 1000);
  await run.stop();
  expect([run.count('failed'), run.count('disconnects')]).toEqual([0, 0]);
});

test('counts a silence that the time before the release did not have', async () => {
  const server = await serve();
  const run = await released(server.port, { connections: 2, gapMs: 300 });
  await server.ask({ do: 'silence', on: true });
  await run.until('silence', () => run.count('silences') === 2);
  await server.ask({ do: 'silence', on: false });
  await server.ask({ do: 'until', what: 'events', total: (await server.counts()).events + 5 });
  await run.stop();
  expect(run.count('silences')).toBe(2);
  expect(run.events.filter(({ type }) => type === 'probe-fault')).toEqual([]);
});

test('takes no other answer for a stream', async () => {
  const server = await serve();
  await server.ask({ do: 'answer', how: 'status', status: 200, type: 'text/html' });
  const run = probe(server.port, { connections: 1 });
  await run.until('refused', () => run.count('attemptsFailed') > 1);
  await run.abort();
  expect(run.events.some(({ type }) => type === 'probe-ready')).toBe(false);
  expect(run.count('disconnects')).toBe(0);
});

test('reads over an event that is too large, and calls nothing behind it lost', async () => {
  const server = await serve();
  const run = await released(server.port, { connections: 1 });
  const text = `data: ${'x'.repeat(64 * 1024)}\n`;
  await server.ask({ do: 'silence', on: true });
  await server.ask({ do: 'skip', events: 1 });
  await server.ask({ do: 'say', text, times: 40 });
  await server.ask({ do: 'say', text: '\n' });
  await server.ask({ do: 'silence', on: false });
  await server.ask({ do: 'until', what: 'events', total: (await server.counts()).events + 10 });
  await run.stop();
  expect(run.count('oversized')).toBeGreaterThan(0);
  expect([run.count('lost'), run.count('disconnects')]).toEqual([0, 0]);
});

test('listens to more than an answer may hold, in little memory', async () => {
  const piece = `data: ${'x'.repeat(1000)}\n\n`.repeat(60);
  const pieces = Math.ceil((80 * 1024 * 1024) / piece.length);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const more = (): void => {
      while (sent < pieces) {
        sent += 1;
        if (!response.write(piece)) {
          response.once('drain', more);
          return;
        }
      }
      response.write('data: last\n\n');
    };
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  const run = probe((server.address() as { port: number }).port, { connections: 1 });
  await run.until('everything', () => run.count('events') === pieces * 60 + 1);
  await run.stop();
  expect([run.count('disconnects'), run.count('opened')]).toEqual([0, 1]);
});

test('survives text that is no event, and keeps what cannot be sent out of the next request', async () => {
  const server = await serve();
  const run = await released(server.port, { connections: 1 });
  await server.ask({ do: 'silence', on: true });
  await server.ask({
    do: 'say',
    text: 'garbage\n\nretry: soon\nid\nevent\n\n:\n\n\u0000\nid: \u00e9\u2028 42\ndata: x\n\n',
  });
  await server.ask({ do: 'cut', streams: 1, how: 'rst' });
  await run.until('connected again', () => reconnects(run) === 1);
  await run.stop();
  expect(Buffer.from((await server.counts()).lastEventIds[0] ?? '', 'latin1').toString()).toBe('\u00e9\u2028 42');
  expect(run.count('lost')).toBe(0);
});

test('ends at once when there is no time left', async () => {
  const server = await serve();
  const run = probe(server.port);
  await run.ready();
  expect(await run.abort()).toMatchObject({ message: 'no time left' });
  expect(run.count('disconnects')).toBe(0);
});

test('reaches a server with a certificate of its own, by an address in place of its name', async () => {
  const { key, cert } = selfSigned('shop.internal');
  const server = await serve({ KEY: key, CERT: cert });
  const origin = `https://shop.internal:${server.port}`;
  const run = probe({ ...endpointOf(origin), address: '127.0.0.1', tls: { ...SYSTEM_TLS, ca: cert } });
  await run.ready();
  await run.stop();
  expect((await server.counts()).headers.host).toBe(`shop.internal:${server.port}`);
});

test('reaches a server on a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-verify-test-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, 'app.sock');
  const server = await serve({ SOCKET: socketPath });
  const run = probe({ ...endpointOf('http://shop.internal'), socketPath });
  await run.ready();
  await run.stop();
  expect((await server.counts()).streams).toBe(3);
});
