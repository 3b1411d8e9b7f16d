import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/columns.js';
import { Dispatch } from '../../src/engine/dispatch.js';
import { constantRate } from '../../src/model/rate.js';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { startFrameServer } from '../wire/h2-frames.ts';
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

const FAILURES: [
  cause: string,
  fault: string,
  options: { announce?: boolean; status?: number; times?: number; afterMs?: number },
][] = [
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
      trafficPlan(server.url, { timeoutMs: cause === 'timeout' ? 400 : 10_000 }),
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
    expect(requests.total).toBeLessThan(160);
    // What the kernel had taken and the server had not when it stopped listening is reset.
    const { ok, refused = 0, reset = 0, ...others } = byCause(samples);
    expect({ ok, failed: refused + reset, others }).toEqual({
      ok: requests.total,
      failed: 160 - requests.total,
      others: {},
    });
    expect(reset).toBeLessThan(5);
  });

  it('times out at the limit, from the moment of sending', async () => {
    await server.fault({ fault: 'hang' });
    const { samples } = await drive(trafficPlan(server.url, { timeoutMs: 100 }), 10);
    for (const { sentAt, endedAt } of samples) {
      expect(endedAt - sentAt!).toBeGreaterThanOrEqual(100);
      expect(endedAt - sentAt!).toBeLessThan(3000);
    }
  });

  it('times out at the limit from the first moment of sending, where it had to send again', async () => {
    const h2 = await startFrameServer({ connected: (connection) => connection.settings(1) });
    const plan = trafficPlan(h2.origin, { endpoints: [h2.endpoint], timeoutMs: 400, pool: 1, keepaliveShare: 1 });
    let now = 0;
    const rows: Row[] = [];
    const place = { sender: 0, senders: 1, now: () => now, wallMs: () => 0 };
    const dispatch = new Dispatch(plan, place, { row: (row) => rows.push(row), note: () => {}, idleClosed: () => {} });
    for (const seq of [0, 1]) dispatch.send({ seq, offsetMs: 0, flow: 0, keepalive: true, flowSeq: seq }, 0);
    await h2.until(() => h2.connections[0]?.streams.length === 1);
    now = 300;
    // The second still waits for a stream there.
    h2.connections[0]?.goaway(1, 0);
    await h2.until(() => h2.connections[1]?.streams.length === 1);
    now = 399;
    dispatch.expire();
    expect(rows).toEqual([]);
    now = 400;
    dispatch.expire();
    dispatch.close();
    await h2.stop();
    expect(dispatch.inFlight).toBe(0);
    expect(rows.map(({ seq, sentAt, endedAt, outcome }) => [seq, sentAt, endedAt, outcome])).toMatchObject([
      [0, 0, 400, { kind: 'lost', cause: 'timeout' }],
      [1, 0, 400, { kind: 'lost', cause: 'timeout' }],
    ]);
  });

  it('reuses the connection that has been idle the longest', async () => {
    const { samples } = await drive(trafficPlan(server.url, { keepaliveShare: 1, pool: 4 }), ARRIVALS);
    const reused = samples.filter(({ connection }) => connection === 'reused');
    expect(reused.length).toBeGreaterThan(ARRIVALS / 2);
    for (const { sentAt, connectionId, seq } of reused) {
      // Of the connections that were used again later, none had been idle for longer.
      const others = samples.filter((other) => other.connectionId !== connectionId && other.sentAt! > sentAt!);
      const [own, ...rest] = [connectionId, ...others.map((other) => other.connectionId)].map((id) => {
        const before = samples.filter((other) => other.connectionId === id && other.sentAt! < sentAt!);
        return Math.max(...before.map(({ endedAt }) => endedAt));
      });
      const longest = Math.min(...rest.filter((idleSince) => idleSince > 0 && idleSince < sentAt!));
      expect([seq, own! <= longest]).toEqual([seq, true]);
    }
  });

  it('reuses connections after HEAD, which a server answers without a length', async () => {
    const head = createServer((_request, response) => response.end('a body that HEAD does not get'));
    const port = await new Promise<number>((resolve) => {
      head.listen(0, '127.0.0.1', () => resolve((head.address() as { port: number }).port));
    });
    const plan = trafficPlan(`http://127.0.0.1:${port}`, { keepaliveShare: 1, flows: [flow({ method: 'HEAD' })] });
    const { samples } = await drive(plan, ARRIVALS);
    head.closeAllConnections();
    head.close();
    expect(byCause(samples)).toEqual({ ok: ARRIVALS });
    // The pool is 4; a slow moment opens more of them. Without reuse each request would need one of its own.
    expect(samples.filter(({ connection }) => connection === 'fresh').length).toBeLessThan(ARRIVALS / 3);
  });

  it('keeps the connections that a slow moment needed for the next one', async () => {
    await server.fault({ fault: 'delay', afterMs: 100 });
    const plan = trafficPlan(server.url, {
      keepaliveShare: 1,
      pool: 2,
      streams: [{ name: '', rate: constantRate(200) }],
    });
    const { samples } = await drive(plan, 200);
    const { connections } = await server.counts();
    expect(byCause(samples)).toEqual({ ok: 200 });
    // About 20 are busy at once; without keeping them nearly every request would need one of its own.
    expect(connections).toBeLessThan(100);
  });

  it('takes a loss before any byte, on a reused connection, of a safe method as retryable for a browser', async () => {
    await server.fault({ fault: 'rst', on: 'reused', path: '/', every: 3 });
    await server.fault({ fault: 'fin', on: 'reused', path: '/orders', every: 3 });
    await server.fault({ fault: 'rst', on: 'fresh', every: 4 });
    const flows = [flow(), flow({ name: 'order', method: 'POST', path: '/orders', body: '{}' })];
    const { samples } = await drive(trafficPlan(server.url, { client: 'browser', flows }), ARRIVALS);
    const hits = await server.hits();
    const forgiven = hits.filter(({ path, connection }) => path === '/' && connection === 'reused').length;
    const kinds = samples.map(({ outcome }) => outcome.kind);
    expect(forgiven).toBeGreaterThan(0);
    expect(kinds.filter((kind) => kind === 'retryable').length).toBe(forgiven);
    expect(kinds.filter((kind) => kind === 'lost').length).toBe(hits.length - forgiven);
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
    expect(counts.cap).toBeGreaterThan(0);
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
