import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { ANY_SUCCESS, byCause, drive, failuresOn, flow, trafficPlan } from './drive.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await startFaultServer({ version: 'v1' });
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.clear();
  await server.reset();
});

const ARRIVALS = 60;

const FAILURES: [cause: string, fault: string, options: { announce?: boolean; status?: number; times?: number }][] = [
  ['reset', 'rst', {}],
  ['closed', 'fin', {}],
  ['truncated', 'truncated-fin', {}],
  ['truncated', 'truncated-rst', {}],
  ['truncated', 'truncated-chunked-fin', {}],
  ['truncated', 'truncated-chunked-rst', {}],
  ['truncated', 'truncated-fin', { announce: true }],
  ['truncated', 'truncated-rst', { announce: true }],
  ['truncated', 'truncated-chunked-fin', { announce: true }],
  ['truncated', 'truncated-chunked-rst', { announce: true }],
  ['truncated', 'truncated-until-close-rst', {}],
  ['truncated', 'truncated-head', {}],
  ['protocol', 'garbage-bytes', {}],
  ['protocol', 'garbage-status', {}],
  ['protocol', 'garbage-header', {}],
  ['protocol', 'garbage-chunk', {}],
  ['protocol', 'extra-bytes', {}],
  ['protocol', 'extra-answer', {}],
  ['protocol', 'both-lengths', {}],
  ['protocol', 'interim', { status: 101 }],
  ['protocol', 'endless-headers', {}],
  ['protocol', 'endless-interim', {}],
  ['protocol', 'endless-body', { times: 2 }],
  ['timeout', 'hang', {}],
  ['timeout', 'hang-in-body', {}],
  ['unexpected-status', 'status', { status: 500 }],
  ['unexpected-status', 'status', { status: 404 }],
];

const HARMLESS = [
  'http10-close',
  'until-close',
  'announced-close',
  'announced-close-kept-open',
  'interim',
  'chunked',
  'split',
  'delay',
  'drip',
  'keep-alive-hint',
];

describe('the dispatch', () => {
  it.each(FAILURES)('counts as %s what the server did as "%s" %j', async (cause, fault, options) => {
    await server.fault({ fault, every: 3, ...options });
    const { samples } = await drive(
      trafficPlan(server.url, { timeoutMs: fault === 'endless-body' ? 5000 : 400 }),
      ARRIVALS,
    );
    const { requests, faults, ok, abandoned } = await server.counts();
    const served = faults[fault]!;
    expect(served.total).toBe(options.times ?? ARRIVALS / 3);
    expect(byCause(samples)).toEqual({ ok, [cause]: served.total });
    expect(ok).toBe(ARRIVALS - served.total);
    expect(requests.total).toBe(ARRIVALS);
    expect(abandoned).toBe(0);
    expect(failuresOn(samples, 'fresh')).toBe(served.fresh);
    expect(failuresOn(samples, 'reused')).toBe(served.reused);
    expect(samples.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual([...Array(ARRIVALS).keys()]);
  });

  it.each(HARMLESS)('fails no request because of "%s"', async (fault) => {
    await server.fault({ fault, every: 3, afterMs: 30, everyMs: 3 });
    const { samples, idleClosed } = await drive(trafficPlan(server.url), ARRIVALS);
    const counts = await server.counts();
    expect(byCause(samples)).toEqual({ ok: ARRIVALS });
    expect(counts.ok + counts.faults[fault]!.total).toBe(ARRIVALS);
    expect(idleClosed).toEqual([]);
  });

  it.each([
    ['fin', 'close-after'],
    ['rst', 'rst-after'],
  ])('reports a %s on an idle connection, and fails no request because of it', async (how, fault) => {
    await server.fault({ fault, on: 'reused', every: 3, afterMs: 10 });
    const { samples, idleClosed } = await drive(trafficPlan(server.url, { ratePerSec: 50 }), ARRIVALS);
    const { faults } = await server.counts();
    expect(byCause(samples)).toEqual({ ok: ARRIVALS });
    expect(faults[fault]!.total).toBeGreaterThan(5);
    // The last connection may be closed by the harness first.
    expect(idleClosed.length).toBeGreaterThanOrEqual(faults[fault]!.total - 1);
    expect(idleClosed.every((seen) => seen === how)).toBe(true);
  });

  it.each(['fresh', 'reused'] as const)('sees faults of %s connections on those alone', async (on) => {
    await server.fault({ fault: 'rst', on, every: 2 });
    const { samples } = await drive(trafficPlan(server.url, { keepaliveShare: 0.5 }), ARRIVALS);
    const { faults, requests } = await server.counts();
    const other = on === 'fresh' ? 'reused' : 'fresh';
    expect(failuresOn(samples, on)).toBe(faults.rst!.total);
    expect(faults.rst!.total).toBeGreaterThan(5);
    expect(failuresOn(samples, other)).toBe(0);
    expect(samples.filter(({ connection }) => connection === 'fresh').length).toBe(requests.fresh);
    expect(samples.filter(({ connection }) => connection === 'reused').length).toBe(requests.reused);
  });

  it('opens no connection but for a request that is due', async () => {
    await server.fault({ fault: 'hang', every: 4 });
    const { samples } = await drive(trafficPlan(server.url, { timeoutMs: 50 }), ARRIVALS);
    const { connections, requests, faults } = await server.counts();
    expect(faults.hang!.total).toBe(ARRIVALS / 4);
    expect(connections).toBe(requests.fresh);
    expect(connections).toBe(new Set(samples.map(({ connectionId }) => connectionId)).size);
  });

  it('counts as refused what it sent and the server never received', async () => {
    const over = server.refuse(400);
    const { samples } = await drive(trafficPlan(server.url, { keepaliveShare: 0 }), 160);
    await over;
    const { requests } = await server.counts();
    expect(requests.total).toBeLessThan(110);
    expect(byCause(samples)).toEqual({ ok: requests.total, refused: 160 - requests.total });
  });

  it('times out at the limit, from the moment of sending', async () => {
    await server.fault({ fault: 'hang' });
    const { samples } = await drive(trafficPlan(server.url, { timeoutMs: 100 }), 10);
    for (const { sentAt, endedAt } of samples) {
      expect(endedAt - sentAt!).toBeGreaterThanOrEqual(100);
      expect(endedAt - sentAt!).toBeLessThan(140);
    }
  });

  it('reuses the connection that has been idle the longest', async () => {
    const { samples } = await drive(trafficPlan(server.url, { keepaliveShare: 1, pool: 4 }), 20);
    expect(samples.map(({ connectionId }) => connectionId)).toEqual([...Array(20).keys()].map((n) => (n % 4) + 1));
    expect(samples.map(({ reuse }) => reuse)).toEqual([...Array(20).keys()].map((n) => Math.floor(n / 4)));
    expect((await server.counts()).connections).toBe(4);
  });

  it('takes a loss before any byte, on a reused connection, of a safe method as retryable for a browser', async () => {
    await server.fault({ fault: 'rst', every: 5 });
    const flows = [flow(), flow({ name: 'order', method: 'POST', path: '/orders', body: '{}' })];
    const { samples } = await drive(
      trafficPlan(server.url, { client: 'browser', flows, keepaliveShare: 0.5 }),
      ARRIVALS,
    );
    const lost = samples.filter(({ outcome }) => outcome.kind !== 'ok');
    expect(lost.length).toBe(ARRIVALS / 5);
    for (const { flow: name, connection, outcome } of lost) {
      expect(outcome.kind).toBe(name === 'home' && connection === 'reused' ? 'retryable' : 'lost');
    }
    expect(new Set(lost.map(({ outcome }) => outcome.kind))).toEqual(new Set(['retryable', 'lost']));
  });

  it('forgives a browser nothing once a byte has come', async () => {
    await server.fault({ fault: 'truncated-head', every: 3 });
    const { samples } = await drive(trafficPlan(server.url, { client: 'browser', keepaliveShare: 1 }), 30);
    expect(byCause(samples)).toEqual({ ok: 20, truncated: 10 });
    expect(samples.some(({ outcome }) => outcome.kind === 'retryable')).toBe(false);
  });

  it('leaves unsent what exceeds the cap on requests in flight', async () => {
    await server.fault({ fault: 'delay', afterMs: 250 });
    const { samples } = await drive(trafficPlan(server.url, { maxInFlight: 10 }), 40);
    const { requests } = await server.counts();
    const counts = byCause(samples);
    expect(counts.cap).toBe(40 - requests.total);
    expect(counts.cap).toBeGreaterThan(20);
    expect(counts.ok).toBe(requests.total);
  });

  it('leaves unsent what is later than the limit', async () => {
    const { samples } = await drive(trafficPlan(server.url, { lateLimitMs: -1 }), 5);
    expect(byCause(samples)).toEqual({ late: 5 });
    expect((await server.counts()).requests.total).toBe(0);
  });

  it('holds answers against the expectation and reads the version from any answer', async () => {
    await server.fault({ fault: 'wrong-body', every: 4 });
    await server.fault({ fault: 'wrong-header', every: 5 });
    await server.fault({ fault: 'status', every: 7 });
    const expectation = {
      ...ANY_SUCCESS,
      body: { contains: '"ok":true', matches: null },
      headers: [{ name: 'content-type', value: /json/ }],
    };
    const plan = trafficPlan(server.url, {
      flows: [flow({ expect: expectation })],
      version: { from: 'header', name: 'x-release' },
    });
    const { samples } = await drive(plan, ARRIVALS);
    const { ok, faults } = await server.counts();
    expect(byCause(samples)).toEqual({
      ok,
      expectation: faults['wrong-body']!.total + faults['wrong-header']!.total,
      'unexpected-status': faults.status!.total,
    });
    expect(new Set(samples.map(({ version }) => version))).toEqual(new Set(['v1']));
  });
});
