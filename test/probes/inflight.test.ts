import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeEvent, ProbeRequestEvent } from '../../src/model/probe.js';
import { inflight } from '../../src/probes/inflight.js';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { get } from './requests.ts';
import { drive } from './stream-probe.ts';

let server: ToldServer;
beforeAll(async () => {
  server = await startServer('probe-server.mjs');
});
afterAll(() => server.stop());

describe('the inflight probe', () => {
  it('always has a request under way, and counts exactly those that were cut', async () => {
    const probe = drive(inflight, { request: get('/slow?ms=400'), everyMs: 100 }, server.port);
    await probe.ready();
    const { done } = (await server.ask({ do: 'cut-slow', times: 2 })) as { done: number };
    expect(done).toBe(2);
    await probe.until('two lost', () => probe.count('failed') === 2);
    const isReused = (event: ProbeEvent) => event.type === 'probe-request' && event.connection === 'reused';
    await probe.until('one on a reused connection', () => probe.events.some(isReused));
    await probe.stop();
    const requests = probe.events.filter((event): event is ProbeRequestEvent => event.type === 'probe-request');
    expect(requests.filter(({ ok }) => !ok)).toHaveLength(2);
    expect(probe.count('failed')).toBe(2);
    expect(probe.faults('failed')[0]?.detail).toBe('GET /slow?ms=400: reset (ECONNRESET)');
    const sorted = requests.toSorted((a, b) => a.sentAt - b.sentAt);
    for (const [index, next] of sorted.slice(1).entries()) {
      expect(Math.max(...sorted.slice(0, index + 1).map(({ at }) => at))).toBeGreaterThan(next.sentAt);
    }
    expect(new Set(requests.map(({ connection }) => connection))).toEqual(new Set(['fresh', 'reused']));
  });

  it('gives a request longer than the time-out where the baseline showed that it takes longer', async () => {
    const probe = drive(inflight, { request: get('/slow?ms=700'), everyMs: 300 }, server.port, 300);
    await probe.ready();
    await probe.until('more came', () => probe.events.filter(({ type }) => type === 'probe-request').length >= 3);
    await probe.stop();
    expect(probe.count('failed')).toBe(0);
  });

  it('says where the request is too short to be under way always', async () => {
    const probe = drive(inflight, { request: get('/'), everyMs: 300 }, server.port);
    await probe.ready();
    await probe.stop();
    expect(probe.events.find(({ type }) => type === 'probe-ready')).toMatchObject({
      detail: expect.stringContaining('shorter than the interval'),
    });
  });
});
