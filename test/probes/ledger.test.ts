import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ledger } from '../../src/probes/ledger.js';
import type { ProbeOptions } from '../../src/probes/plan.js';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { get, post } from './requests.ts';
import { drive } from './stream-probe.ts';

let server: ToldServer;
beforeEach(async () => {
  server = await startServer('probe-server.mjs');
});
afterEach(() => server.stop());

function options(part: Partial<ProbeOptions['ledger']> = {}): ProbeOptions['ledger'] {
  return {
    write: post('/orders', '{"key":"{key}"}'),
    read: get('/orders/{id}'),
    list: get('/orders'),
    id: { from: 'json', path: '$.id' },
    everyMs: 30,
    keyHeader: 'Idempotency-Key',
    ...part,
  };
}

function acknowledged(probe: ReturnType<typeof drive>): number {
  return probe.events.filter((event) => event.type === 'probe-request' && event.name.startsWith('write') && event.ok)
    .length;
}

describe('the ledger probe', () => {
  it('reads everything that was acknowledged back, and finds nothing wrong with a good app', async () => {
    const probe = drive(ledger, options(), server.port);
    await probe.ready();
    await probe.until('twenty written', () => acknowledged(probe) >= 20);
    probe.phase('switch');
    await probe.until('more written', () => acknowledged(probe) >= 30);
    await probe.stop();
    expect(probe.events.filter(({ type }) => type === 'probe-fault')).toEqual([]);
    expect(probe.count('acknowledged')).toBe(acknowledged(probe));
    expect(probe.count('read')).toBeGreaterThanOrEqual(acknowledged(probe));
    expect(probe.gauge('unread')).toBe(0);
    expect(probe.gauge('unlisted')).toBe(0);
    expect(await server.ask({ do: 'counts' })).toMatchObject({ orders: acknowledged(probe) });
  });

  it('counts exactly the acknowledged writes that are gone, and those that stand twice', async () => {
    const probe = drive(ledger, options(), server.port);
    await probe.ready();
    await probe.until('ten written', () => acknowledged(probe) >= 10);
    expect(await server.ask({ do: 'drop', times: 3 })).toEqual({ done: 3 });
    expect(await server.ask({ do: 'double', times: 2 })).toEqual({ done: 2 });
    await probe.stop();
    expect(probe.count('lost')).toBe(3);
    expect(probe.count('duplicated')).toBe(2);
    expect(probe.count('failed')).toBe(0);
    expect(probe.faults('lost')[0]?.detail).toMatch(/^zdd-[0-9a-f]{12}-\d{6}: status 404, expected 200-399$/);
    expect(probe.faults('duplicated')[0]?.detail).toMatch(/ stands 2 times in the list$/);
  });

  it('finds a loss in the step in which it happens, not at its end', async () => {
    const probe = drive(ledger, options({ list: null, everyMs: 200 }), server.port);
    await probe.ready();
    await probe.until('five written', () => acknowledged(probe) >= 5);
    probe.phase('switch');
    const reads = () => probe.events.filter((event) => event.type === 'probe-request' && event.name === 'read').length;
    await probe.until('the first reading of the step', () => reads() > 5);
    expect(await server.ask({ do: 'drop', times: 3 })).toEqual({ done: 3 });
    await probe.until('found under way', () => probe.faults('lost').length > 0);
    await probe.stop();
    expect(probe.count('lost')).toBe(3);
  }, 30_000);

  it('calls nothing lost while no entry is found, and failed what is found again', async () => {
    const probe = drive(ledger, options({ list: null, everyMs: 200 }), server.port);
    await probe.ready();
    await probe.until('five written', () => acknowledged(probe) >= 5);
    probe.phase('switch');
    const reads = (ok: boolean) =>
      probe.events.filter((event) => event.type === 'probe-request' && event.name === 'read' && event.ok === ok).length;
    await probe.until('the first reading of the step', () => reads(true) > 5);
    await server.ask({ do: 'rule', path: '/orders/', method: 'GET', times: 1_000_000, status: 404 });
    await probe.until('each asked for over seconds', () => reads(false) > 60);
    await server.ask({ do: 'no-rules' });
    await probe.stop();
    expect(probe.count('lost')).toBe(0);
    expect(probe.count('failed')).toBeGreaterThan(0);
    expect(probe.gauge('unread')).toBe(0);
  }, 30_000);

  it('calls what no read shows to the end failed and unread, where none shows any', async () => {
    const probe = drive(ledger, options({ list: null, everyMs: 200 }), server.port);
    await probe.ready();
    await probe.until('five written', () => acknowledged(probe) >= 5);
    await server.ask({ do: 'rule', path: '/orders/', method: 'GET', times: 1_000_000, status: 404 });
    await probe.stop();
    expect(probe.count('lost')).toBe(0);
    expect(probe.count('failed')).toBe(acknowledged(probe));
    expect(probe.gauge('unread')).toBe(acknowledged(probe));
  }, 30_000);

  it('takes back that an entry is lost where it is there at the end', async () => {
    const probe = drive(ledger, options({ list: null, everyMs: 200 }), server.port);
    await probe.ready();
    await probe.until('five written', () => acknowledged(probe) >= 5);
    probe.phase('switch');
    expect(await server.ask({ do: 'hide', times: 3 })).toEqual({ done: 3 });
    await probe.until('found under way', () => probe.count('lost') === 3);
    expect(await server.ask({ do: 'show' })).toEqual({ done: 3 });
    await probe.stop();
    const places = (faults: { at: number }[]) => faults.map(({ at }) => at).sort((a, b) => a - b);
    const back = probe.faults('failed');
    expect(back.map(({ instead }) => instead)).toEqual(['lost', 'lost', 'lost']);
    expect(places(back)).toEqual(places(probe.faults('lost')));
  }, 30_000);

  it('finds nothing wrong with a reader that is a second behind', async () => {
    await server.ask({ do: 'lag', value: 1200 });
    const probe = drive(ledger, options({ list: null, everyMs: 200 }), server.port);
    await probe.ready();
    probe.phase('switch');
    await probe.until('twenty written', () => acknowledged(probe) >= 20);
    await probe.stop();
    expect(probe.events.filter(({ type }) => type === 'probe-fault')).toEqual([]);
    expect(probe.gauge('unread')).toBe(0);
  }, 30_000);

  it('sees every write in a list that shows the newest alone, and the double of a late one', async () => {
    await server.ask({ do: 'page', value: 10 });
    const probe = drive(ledger, options({ everyMs: 60 }), server.port);
    await probe.ready();
    await probe.until('thirty written', () => acknowledged(probe) >= 30);
    expect(await server.ask({ do: 'double', times: 2, late: true })).toEqual({ done: 2 });
    await probe.until('both found', () => probe.count('duplicated') === 2);
    await probe.stop();
    expect(probe.gauge('unlisted')).toBe(0);
    expect(probe.count('failed')).toBe(0);
  });

  it('says how many writes no list showed', async () => {
    const probe = drive(ledger, options(), server.port);
    await probe.ready();
    await server.ask({ do: 'page', value: 0 });
    const before = acknowledged(probe);
    await probe.until('ten more written', () => acknowledged(probe) >= before + 10);
    await probe.stop();
    expect(probe.gauge('unlisted')).toBeGreaterThanOrEqual(10);
    expect(probe.gauge('unlisted')).toBeLessThan(acknowledged(probe));
    expect(probe.gauge('unread')).toBe(0);
  });

  it.each([
    { idempotent: true, duplicated: 0 },
    { idempotent: false, duplicated: 2 },
  ])(
    'sends a write without an answer once more with its key (idempotent: $idempotent)',
    async ({ idempotent, duplicated }) => {
      await server.ask({ do: 'idempotent', value: idempotent });
      const probe = drive(ledger, options(), server.port);
      await probe.ready();
      await server.ask({ do: 'rule', path: '/orders', method: 'POST', times: 2, cut: 'after the write' });
      await probe.until('both failed', () => probe.count('failed') === 2);
      await probe.until(
        'both written',
        () =>
          probe.events.filter((event) => event.type === 'probe-request' && event.name === 'write again').length === 2,
      );
      await probe.stop();
      expect(probe.count('duplicated')).toBe(duplicated);
      expect(probe.count('lost')).toBe(0);
      expect(probe.count('unknown')).toBe(0);
      expect(probe.count('failed')).toBe(2);
    },
  );

  it('never calls a write lost that was not acknowledged, and does not repeat one without a key', async () => {
    await server.ask({ do: 'idempotent', value: false });
    const probe = drive(ledger, options({ keyHeader: null }), server.port);
    await probe.ready();
    await server.ask({ do: 'rule', path: '/orders', method: 'POST', times: 4, cut: 'before the write' });
    await probe.until('four unknown', () => probe.count('failed') === 4);
    await probe.stop();
    expect(probe.count('unknown')).toBe(4);
    expect(probe.count('lost')).toBe(0);
    expect(probe.events.some((event) => event.type === 'probe-request' && event.name === 'write again')).toBe(false);
  });

  it('asks three times before it calls a write lost', async () => {
    const probe = drive(ledger, options({ list: null, everyMs: 200 }), server.port);
    await probe.ready();
    await server.ask({ do: 'rule', path: '/orders/', method: 'GET', times: 1, status: 404 });
    await probe.stop();
    expect(probe.count('lost')).toBe(0);
    expect(probe.gauge('unread')).toBe(0);
  });

  it('calls reads that are answered by no app failed, and says what it could not read', async () => {
    const probe = drive(ledger, options({ list: null }), server.port);
    await probe.ready();
    await probe.until('five written', () => acknowledged(probe) >= 5);
    await server.ask({ do: 'rule', path: '/orders/', method: 'GET', times: 1_000_000, status: 502 });
    await probe.stop();
    expect(probe.count('lost')).toBe(0);
    expect(probe.gauge('unread')).toBe(acknowledged(probe));
    expect(probe.count('failed')).toBe(3 * acknowledged(probe));
  });
});
