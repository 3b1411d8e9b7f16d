import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBES, type ProbeName } from '../../src/model/probe.js';
import type { ProbeOptions } from '../../src/probes/plan.js';
import type { Probe } from '../../src/probes/probe.js';
import { REGISTRY } from '../../src/probes/registry.js';
import { type Endpoint, endpointOf } from '../../src/wire/endpoint.js';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { get, post } from './requests.ts';
import { drive } from './stream-probe.ts';

let app: ToldServer;
let streams: ToldServer;
let closedPort: number;
/** Takes connections and never says a word. */
let silent: Server;
let silentPort: number;
let taken: Set<Socket>;
beforeAll(async () => {
  taken = new Set();
  silent = createServer((socket) => {
    taken.add(socket.on('error', () => {}));
  });
  silentPort = await new Promise((resolve) => {
    silent.listen(0, '127.0.0.1', () => resolve((silent.address() as AddressInfo).port));
  });
  [app, streams] = await Promise.all([startServer('probe-server.mjs'), startServer('stream-server.mjs')]);
  const gone = await startServer('probe-server.mjs');
  closedPort = gone.port;
  await gone.stop();
});
afterAll(async () => {
  for (const socket of taken) socket.destroy();
  silent.close();
  await Promise.all([app.stop(), streams.stop()]);
});

/** Each probe as a scenario may ask for it. */
function optionsAt(port: number): ProbeOptions {
  const endpoint = endpointOf(`http://127.0.0.1:${port}`);
  return {
    idle: { connections: 3, request: get('/') },
    inflight: { request: get('/slow?ms=150'), everyMs: 100 },
    upload: {
      request: post('/upload'),
      bytes: 50_000,
      overMs: 100,
      everyMs: 100,
      digest: { from: 'header', name: 'x-sha256' },
    },
    websocket: { path: '/ws', headers: {}, connections: 2, everyMs: 50, timeoutMs: 1000 },
    sse: { path: '/events', headers: {}, connections: 1, gapMs: 0 },
    assets: { page: '/', headers: {}, everyMs: 100, most: 10 },
    session: { login: post('/login'), check: get('/me'), everyMs: 100, sessions: 2, token: null },
    ledger: {
      write: post('/orders', '{"key":"{key}"}'),
      read: get('/orders/{id}'),
      list: get('/orders'),
      id: { from: 'json', path: '$.id' },
      everyMs: 50,
      keyHeader: 'idempotency-key',
    },
    twin: { endpoint, request: get('/'), everyMs: 50 },
    control: { endpoint, request: get('/'), everyMs: 50 },
  };
}

function start(name: ProbeName, port: number) {
  return drive(REGISTRY[name] as Probe, optionsAt(port)[name], port, 1000);
}

const OVER_H2 = PROBES.filter(
  (name) => name !== 'websocket' && name !== 'sse' && name !== 'twin' && name !== 'control',
);

describe.each(OVER_H2)('the probe %s over HTTP/2', (name) => {
  it('finds nothing wrong with a healthy server', async () => {
    const server = await startServer('probe-server.mjs', { H2: '1' });
    const endpoint: Endpoint = { ...endpointOf(`http://127.0.0.1:${server.port}`), protocol: 'h2' };
    const probe = drive(REGISTRY[name] as Probe, optionsAt(server.port)[name], endpoint);
    await probe.ready();
    await probe.stop();
    await server.stop();
    expect(probe.events.filter(({ type }) => type === 'probe-fault')).toEqual([]);
  });
});

describe.each(PROBES)('the probe %s', (name) => {
  it('finds nothing wrong with a healthy server, and leaves no connection behind', async () => {
    const server = name === 'websocket' || name === 'sse' ? streams : app;
    const probe = start(name, server.port);
    await probe.ready();
    probe.phase('baseline');
    probe.phase('switch');
    await probe.stop();
    expect(probe.events.filter(({ type }) => type === 'probe-fault')).toEqual([]);
    expect(
      probe.events.filter(
        (event) => event.type === 'probe-request' && !event.ok && event.name !== '/assets/no-such-icon.ico',
      ),
    ).toEqual([]);
    expect(probe.events.filter(({ type }) => type === 'probe-ready')).toHaveLength(1);
    if (server !== app) return;
    const open = async () => {
      const counts = (await app.ask({ do: 'counts' })) as { connections: number; closed: number };
      return counts.connections - counts.closed;
    };
    await expect.poll(open).toBe(0);
  });

  it('records what it cannot reach, never throws and ends', async () => {
    const probe = start(name, closedPort);
    await probe.until('a failure', () =>
      probe.events.some((event) => event.type === 'probe-fault' || (event.type === 'probe-request' && !event.ok)),
    );
    await probe.stop();
    expect(probe.events.some(({ type }) => type === 'probe-ready')).toBe(false);
  });

  it('gives up what is never answered, and ends', async () => {
    const before = taken.size;
    const probe = start(name, silentPort);
    await expect.poll(() => taken.size).toBeGreaterThan(before);
    await probe.stop();
    expect(probe.events.some(({ type }) => type === 'probe-ready')).toBe(false);
    expect(probe.events.filter((event) => event.type === 'probe-request' && event.ok)).toEqual([]);
  });

  it('ends at once when there is no time left', async () => {
    const probe = start(name, closedPort);
    await probe.abort();
  });
});
