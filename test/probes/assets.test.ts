import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assets } from '../../src/probes/assets.js';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { drive } from './stream-probe.ts';

let server: ToldServer;
beforeEach(async () => {
  server = await startServer('probe-server.mjs');
});
afterEach(() => server.stop());

const OPTIONS = { page: '/', headers: {}, everyMs: 100, most: 20 };

function detailsOf(probe: ReturnType<typeof drive>): Set<string> {
  return new Set(probe.faults('failed').map(({ detail }) => detail.replace(/-[0-9a-f]{10}/, '')));
}

describe('the assets probe', () => {
  it('finds the assets of both releases while the release moves, and leaves out what was broken before', async () => {
    const probe = drive(assets, OPTIONS, server.port);
    await probe.ready();
    expect(probe.events.find(({ type }) => type === 'probe-ready')).toMatchObject({
      detail: 'GET / and its 3 assets; 1 failed before the release and are left out: /assets/no-such-icon.ico',
    });
    probe.phase('switch');
    await server.ask({ do: 'version', value: 'v2' });
    const paths = () => new Set(probe.events.flatMap((event) => (event.type === 'probe-request' ? [event.name] : [])));
    await probe.until('the assets of both', () => [...paths()].filter((path) => path.includes('app-')).length === 2);
    await probe.stop();
    expect(probe.events.filter(({ type }) => type === 'probe-fault')).toEqual([]);
    expect([...paths()].some((path) => path.includes('cdn.example'))).toBe(false);
  });

  it('counts assets of the old page that the new release no longer has', async () => {
    const probe = drive(assets, OPTIONS, server.port);
    await probe.ready();
    probe.phase('switch');
    await server.ask({ do: 'version', value: 'v2', keep: false });
    await probe.until('both missing', () => detailsOf(probe).size === 2);
    const loads = () => probe.events.filter((event) => event.type === 'probe-request' && event.name === 'GET /').length;
    const before = loads();
    await probe.until('three more rounds', () => loads() >= before + 3);
    await probe.stop();
    // Once each, however often they were asked for.
    expect(probe.count('failed')).toBe(2);
    for (const detail of detailsOf(probe)) {
      expect(detail).toMatch(/^\/assets\/(app\.js|logo\.png), named by the page first seen at .* s: status 404/);
    }
  });

  it('asks only for the page that is served in a phase in which nothing moves', async () => {
    const probe = drive(assets, OPTIONS, server.port);
    await probe.ready();
    await server.ask({ do: 'version', value: 'v2', keep: false });
    const served = await server.ask({ do: 'counts' });
    expect(served).toBeDefined();
    probe.phase('verify');
    const loads = () => probe.events.filter((event) => event.type === 'probe-request' && event.name === 'GET /').length;
    const before = loads();
    await probe.until('three more rounds', () => loads() >= before + 3);
    await probe.stop();
    // At most the round that was under way when the version changed.
    expect(probe.count('failed')).toBeLessThanOrEqual(2);
  });

  it('notices other content under a name that holds its hash', async () => {
    const probe = drive(assets, OPTIONS, server.port);
    await probe.ready();
    probe.phase('reload');
    await server.ask({ do: 'version', value: 'v2', mixed: true });
    await probe.until('both changed', () => detailsOf(probe).size === 2);
    await probe.stop();
    expect([...detailsOf(probe)][0]).toContain('other content than before');
  });

  it('never becomes ready with a page that names no asset', async () => {
    const probe = drive(assets, { ...OPTIONS, page: '/plain' }, server.port);
    await probe.until('asked twice', () => probe.events.filter(({ type }) => type === 'probe-request').length >= 2);
    await probe.stop();
    expect(probe.events.some(({ type }) => type === 'probe-ready')).toBe(false);
    expect(probe.events[0]).toMatchObject({ ok: false, detail: 'the page names no asset on its own origin' });
  });
});
