import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idle } from '../../src/probes/idle.js';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { get } from './requests.ts';
import { drive } from './stream-probe.ts';

let server: ToldServer;
beforeAll(async () => {
  server = await startServer('probe-server.mjs');
});
afterAll(() => server.stop());

describe('the idle probe', () => {
  it.each([
    ['fin', 'FIN'],
    ['rst', 'RST'],
  ])(
    'counts exactly the connections that were closed by %s, says their idle age, and opens them anew',
    async (how, shown) => {
      const probe = drive(idle, { connections: 8, request: get('/') }, server.port);
      await probe.ready();
      expect(await server.ask({ do: 'close-idle', times: 3, how })).toEqual({ done: 3 });
      await probe.until('three opened again', () => probe.count('opened') === 11);
      const faults = probe.faults('closedUnannounced');
      expect(faults).toHaveLength(3);
      for (const fault of faults) {
        expect(fault.detail).toMatch(new RegExp(`^${shown} after \\d+\\.\\d s idle$`));
        expect(fault.since).toBeLessThan(fault.at);
      }
      await probe.stop();
      expect(probe.count('closedUnannounced')).toBe(3);
      expect(probe.count('failed')).toBe(0);
      // Those that it ends itself were held to the last.
      expect(probe.gauge('connections')).toBe(8);
    },
  );

  it('reports one fault for each connection that cannot be opened again, however often it tries', async () => {
    const probe = drive(idle, { connections: 2, request: get('/') }, server.port);
    await probe.ready();
    await server.ask({ do: 'rule', path: '/', times: 6, status: 503 });
    await server.ask({ do: 'close-idle', times: 2, how: 'fin' });
    await probe.until('both opened again', () => probe.count('opened') === 4);
    await probe.stop();
    expect(probe.count('failed')).toBe(2);
    expect(probe.count('closedUnannounced')).toBe(2);
    expect(probe.faults('failed')[0]?.detail).toBe('GET /: status 503, expected 200-399');
  });

  it('takes a close that was announced, or that the Keep-Alive hint foretold, as no fault', async () => {
    const probe = drive(idle, { connections: 2, request: get('/hinted') }, server.port);
    await probe.until('both closed in time', () => probe.count('closedOnTimeout') === 2);
    await probe.stop();
    expect(probe.count('closedUnannounced')).toBe(0);

    const announced = drive(idle, { connections: 2, request: get('/announced') }, server.port);
    await announced.until('both announced', () => announced.count('closedAnnounced') === 2);
    await announced.stop();
    expect(announced.count('closedUnannounced')).toBe(0);
    expect(announced.events.find(({ type }) => type === 'probe-ready')).toMatchObject({
      detail: 'the server keeps no connection open after GET /announced',
    });
  });

  it('calls its own end no close of the server', async () => {
    const probe = drive(idle, { connections: 4, request: get('/') }, server.port);
    await probe.ready();
    await probe.stop();
    expect(probe.events.filter(({ type }) => type === 'probe-fault')).toEqual([]);
  });
});
