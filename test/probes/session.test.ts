import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProbeOptions } from '../../src/probes/plan.js';
import { session } from '../../src/probes/session.js';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { get, post } from './requests.ts';
import { drive } from './stream-probe.ts';

let server: ToldServer;
beforeEach(async () => {
  server = await startServer('probe-server.mjs');
});
afterEach(() => server.stop());

function options(part: Partial<ProbeOptions['session']> = {}): ProbeOptions['session'] {
  return { login: post('/login'), check: get('/me'), everyMs: 200, sessions: 4, token: null, ...part };
}

describe('the session probe', () => {
  it.each([{ token: null }, { token: { from: 'json', path: '$.token' } as const }])(
    'counts exactly the sessions that were forgotten, and logs in anew (%o)',
    async (part) => {
      const probe = drive(session, options(part), server.port);
      await probe.ready();
      expect(await server.ask({ do: 'forget', times: 2 })).toEqual({ done: 2 });
      await probe.until('two lost', () => probe.count('lost') === 2);
      await server.ask({ do: 'forget', times: 4 });
      await probe.until('every one lost', () => probe.count('lost') >= 6 - 2);
      await probe.stop();
      expect(probe.count('failed')).toBe(0);
      expect(probe.faults('lost')[0]?.detail).toBe('GET /me: status 401, expected 200-399');
    },
  );

  it('calls a check that failed without an answer of the app failed, not lost', async () => {
    const probe = drive(session, options(), server.port);
    await probe.ready();
    await server.ask({ do: 'rule', path: '/me', times: 2, status: 503 });
    await server.ask({ do: 'rule', path: '/me', times: 1, cut: 'at once' });
    await probe.until('three failed', () => probe.count('failed') === 3);
    await probe.stop();
    expect(probe.count('lost')).toBe(0);
    expect(probe.count('failed')).toBe(3);
  });

  it('takes a redirect, where the check was answered without one, as a lost session', async () => {
    const probe = drive(session, options({ check: get('/home') }), server.port);
    await probe.ready();
    await server.ask({ do: 'forget', times: 1 });
    await probe.until('one lost', () => probe.count('lost') === 1);
    await probe.stop();
    expect(probe.count('failed')).toBe(0);
    expect(probe.faults('lost')[0]?.detail).toBe('GET /home: status 302, with a session 200');
  });

  it('calls a session that was refused and holds failed, not lost', async () => {
    const probe = drive(session, options(), server.port);
    await probe.ready();
    await server.ask({ do: 'rule', path: '/me', times: 1, status: 404 });
    await probe.until('one failed', () => probe.count('failed') === 1);
    await probe.stop();
    expect(probe.count('lost')).toBe(0);
    expect(probe.faults('failed')).toMatchObject([{ detail: 'check: status 404, expected 200-399' }]);
    // It is asked itself first: a new login may end those before it.
    expect(await server.ask({ do: 'counts' })).toMatchObject({ 'POST /login': 4 });
  });

  it('calls none lost while the check of a new one is refused too, to the end or for a time', async () => {
    const probe = drive(session, options(), server.port);
    await probe.ready();
    const refused = () =>
      probe.events.filter((event) => event.type === 'probe-request' && event.name === 'check' && !event.ok).length;
    await server.ask({ do: 'rule', path: '/me', times: 1_000_000, status: 404 });
    await probe.until('each refused, and new ones too', () => refused() >= 12);
    await server.ask({ do: 'no-rules' });
    await probe.until('all hold again', () => probe.count('failed') === 4);
    await server.ask({ do: 'rule', path: '/me', times: 1_000_000, status: 404 });
    const before = refused();
    await probe.until('refused again', () => refused() >= before + 4);
    await probe.stop();
    expect(probe.count('lost')).toBe(0);
    expect(probe.count('failed')).toBeGreaterThan(4);
  });

  it('is never ready with a check that passes for anybody, or a login that gives nothing', async () => {
    const hollow = drive(session, options({ check: get('/') }), server.port);
    const isHollow = () =>
      hollow.events.some((event) => event.type === 'probe-request' && event.detail.includes('anybody'));
    await hollow.until('found out', isHollow);
    await hollow.stop();
    expect(hollow.events.some(({ type }) => type === 'probe-ready')).toBe(false);
    const empty = drive(session, options({ login: get('/') }), server.port);
    await empty.until('one failed', () => empty.count('failed') > 0);
    await empty.stop();
    expect(empty.faults('failed')[0]?.detail).toBe('login: no cookie came that the check carries');
    expect(empty.events.some(({ type }) => type === 'probe-ready')).toBe(false);
  });
});
