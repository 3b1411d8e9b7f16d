import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Connection } from '../../src/wire/connection.js';
import { type Exchange, exchange } from '../../src/wire/exchange.js';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { flow } from '../engine/drive.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await startFaultServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.clear();
  await server.reset();
});

const now = (): number => performance.now();

function connectionTo(onIdleClose: (how: 'fin' | 'rst') => void = () => {}): Connection {
  return new Connection(1, server.url, now, (_connection, how) => onIdleClose(how));
}

function send(connection: Connection, part: Parameters<typeof flow>[0] = {}): Promise<Exchange> {
  const request = flow(part);
  return new Promise((resolve) => {
    exchange(connection, { ...request, target: request.path, keepBody: true }, now, resolve);
  });
}

/** Keeps this process from reading its sockets, as a long garbage collection would. */
function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a connection', () => {
  it('is made once: a request that finds it closed was not written, and opens no second one', async () => {
    const connection = connectionTo();
    await send(connection);
    await server.fault({ fault: 'close-after', afterMs: 1 });
    await send(connection);
    // The FIN arrives while nobody reads; the request is handed over before it is seen.
    const late = new Promise<Exchange>((resolve) => {
      setTimeout(() => {
        blockFor(50);
        resolve(send(connection));
      }, 0);
    });
    const result = await late;
    connection.destroy();
    expect(result.error).not.toBeNull();
    // Either it was not written at all, or it went into a connection that was closed already.
    if (result.writtenAt === null) expect(connection.requests).toBe(2);
    const { connections, requests } = await server.counts();
    expect(connections).toBe(1);
    expect(requests.total).toBe(2);
  });

  it.each([
    ['fin', 'close-after'],
    ['rst', 'rst-after'],
  ])('tells of a %s while it is idle, once, and that the last answer was whole', async (how, fault) => {
    // Long enough that the answer has been read even on a busy machine: what comes in one piece with data looks like a FIN.
    await server.fault({ fault, afterMs: 300 });
    let result: Promise<Exchange> | undefined;
    const closed = await new Promise<string>((resolve) => {
      const connection = connectionTo(resolve);
      result = send(connection);
    });
    expect(closed).toBe(how);
    expect(await result).toMatchObject({ status: 200, error: null });
  });

  it.each(['http10-close', 'until-close', 'announced-close'])(
    'takes the end of a connection after "%s" as announced',
    async (fault) => {
      await server.fault({ fault });
      const closed: string[] = [];
      const connection = connectionTo((how) => closed.push(how));
      const gone = new Promise((resolve) => connection.client.once('disconnect', resolve));
      expect(await send(connection)).toMatchObject({ status: 200, error: null });
      await gone;
      expect(connection.gone).toBe(true);
      expect(closed).toEqual([]);
    },
  );

  it('ignores the hint of the server how long it may be idle', async () => {
    const closed: string[] = [];
    const connection = connectionTo((how) => closed.push(how));
    await server.fault({ fault: 'keep-alive-hint', text: 'timeout=0' });
    const reuses = [(await send(connection)).reuse, (await send(connection)).reuse, (await send(connection)).reuse];
    connection.destroy();
    expect(reuses).toEqual([0, 1, 2]);
    expect((await server.counts()).connections).toBe(1);
    expect(closed).toEqual([]);
  });

  it('stays open after a HEAD request', async () => {
    const connection = connectionTo();
    await send(connection, { method: 'HEAD' });
    const second = await send(connection);
    connection.destroy();
    expect(second.reuse).toBe(1);
    expect((await server.counts()).connections).toBe(1);
  });

  it('sends the body and reads the answer to its end', async () => {
    const connection = connectionTo();
    const result = await send(connection, { method: 'POST', path: '/orders', body: '{"sku":"A1"}' });
    connection.destroy();
    expect(result).toMatchObject({ status: 200, error: null, reuse: 0 });
    expect(JSON.parse(result.body!.toString())).toEqual({ ok: true, version: '', path: '/orders' });
    expect(result.bytes).toBe(result.body!.length);
    expect(result.sentAt).toBeLessThanOrEqual(result.writtenAt!);
    expect(result.writtenAt!).toBeLessThanOrEqual(result.firstByteAt!);
    expect(result.firstByteAt!).toBeLessThanOrEqual(result.endedAt);
  });

  it('survives being destroyed while it is being made', async () => {
    const connection = connectionTo();
    const result = send(connection);
    connection.destroy(new Error('given up'));
    expect((await result).error?.message).toBe('given up');
  });
});
