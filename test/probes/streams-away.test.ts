import { afterAll, expect, test } from 'vitest';
import type { ProbeName } from '../../src/model/probe.js';
import type { ProbeOptions } from '../../src/probes/plan.js';
import type { Probe } from '../../src/probes/probe.js';
import { sse } from '../../src/probes/sse.js';
import { websocket } from '../../src/probes/websocket.js';
import { type Driven, drive } from './stream-probe.ts';
import { type StreamServer, startStreamServer } from './stream-server.ts';

const SOCKETS = { path: '/ws', headers: {}, connections: 3, everyMs: 500, timeoutMs: 1500 };
const STREAMS = { path: '/events', headers: {}, connections: 3, gapMs: 0 };

const cleanups: (() => unknown)[] = [];

afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(env: Record<string, string> = {}): Promise<StreamServer> {
  const server = await startStreamServer(env);
  cleanups.push(() => server.stop());
  return server;
}

function probe<Name extends ProbeName>(kind: Probe<Name>, options: ProbeOptions[Name], port: number): Driven {
  const driven = drive(kind, options, port);
  cleanups.push(() => driven.abort());
  return driven;
}

const BOTH = [
  { name: 'websocket', start: (port: number) => probe(websocket, SOCKETS, port) },
  { name: 'sse', start: (port: number) => probe(sse, STREAMS, port) },
];

for (const { name, start } of BOTH) {
  test.concurrent(`${name}: says once for each connection that it could not be made again`, async () => {
    const server = await serve();
    const run = start(server.port);
    await run.ready();
    await server.stop();
    await run.until('failed', () => run.count('failed') === 3);
    await run.stop();
    const failed = run.faults('failed');
    expect([failed.length, run.count('disconnects')]).toEqual([3, 3]);
    expect(failed.every(({ detail, at, since }) => detail.includes('ECONNREFUSED') && at - since >= 5000)).toBe(true);
    // A message that is due while there is no connection is lost; of events that nobody saw nothing is known.
    expect(run.count('lost') > 0).toBe(name === 'websocket');
  });

  test.concurrent(`${name}: never says that it works where it is refused, and names the status`, async () => {
    const server = await serve();
    await server.ask({ do: 'answer', how: 'status', status: 503 });
    const run = start(server.port);
    await run.until('failed', () => run.count('failed') === 3);
    await run.stop();
    expect(run.faults('failed')[0]?.detail).toContain('status 503');
    expect(run.events.some(({ type }) => type === 'probe-ready')).toBe(false);
  });

  test.concurrent(`${name}: blames nobody where a rate limiter refuses it`, async () => {
    const server = await serve();
    await server.ask({ do: 'answer', how: 'status', status: 429 });
    const run = start(server.port);
    await run.until('blocked', () => run.count('blocked') > 2);
    await run.stop();
    expect([run.count('failed'), run.count('lost'), run.count('disconnects')]).toEqual([0, 0, 0]);
  });
}
