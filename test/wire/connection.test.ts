import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectionTo } from '../../src/wire/connect.js';
import type { Connection } from '../../src/wire/connection.js';
import { endpointOf } from '../../src/wire/endpoint.js';
import type { Exchange } from '../../src/wire/exchange.js';
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

function connect(onIdleClose: (how: 'fin' | 'rst') => void = () => {}): Connection {
  return connectionTo(endpointOf(server.url), 1, now, (_connection, how) => onIdleClose(how));
}

function send(connection: Connection, part: Parameters<typeof flow>[0] = {}): Promise<Exchange> {
  const request = flow(part);
  return new Promise((resolve) => {
    connection.exchange({ ...request, target: request.path, keepBody: true }, resolve);
  });
}

/** Keeps this process from reading its sockets, as a long garbage collection would. */
function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Waits for something that the connection only learns from its socket. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

describe('a connection', () => {
  it('is made once: a request that meets its end is lost, and opens no second one', async () => {
    const connection = connect();
    await send(connection);
    await server.fault({ fault: 'close-after', afterMs: 1 });
    await send(connection);
    // The FIN arrives while nobody reads; the request is written before it is seen, as by any client.
    const late = new Promise<Exchange>((resolve) => {
      setTimeout(() => {
        blockFor(50);
        resolve(send(connection));
      }, 0);
    });
    const result = await late;
    connection.destroy();
    expect(result.failure).not.toBeNull();
    expect(result.answerBegun).toBe(false);
    const { connections } = await server.counts();
    expect(connections).toBe(1);
  });

  it.each([
    ['fin', 'close-after'],
    ['rst', 'rst-after'],
  ])('tells of a %s while it is idle, once, and that the last answer was whole', async (how, fault) => {
    // Long enough that the answer has been read even on a busy machine: what comes in one piece with data looks like a FIN.
    await server.fault({ fault, afterMs: 300 });
    let result: Promise<Exchange> | undefined;
    const closed = await new Promise<string>((resolve) => {
      const connection = connect(resolve);
      result = send(connection);
    });
    expect(closed).toBe(how);
    expect(await result).toMatchObject({ status: 200, failure: null });
  });

  it.each(['http10-close', 'until-close', 'announced-close'])(
    'takes the end of a connection after "%s" as announced',
    async (fault) => {
      await server.fault({ fault });
      const closed: string[] = [];
      const connection = connect((how) => closed.push(how));
      expect(await send(connection)).toMatchObject({ status: 200, failure: null });
      expect(connection.closeAnnounced).toBe(true);
      await until(() => connection.gone);
      expect(closed).toEqual([]);
    },
  );

  it('ignores the hint of the server how long it may be idle', async () => {
    const closed: string[] = [];
    const connection = connect((how) => closed.push(how));
    await server.fault({ fault: 'keep-alive-hint', text: 'timeout=0' });
    const reuses = [(await send(connection)).reuse, (await send(connection)).reuse, (await send(connection)).reuse];
    connection.destroy();
    expect(reuses).toEqual([0, 1, 2]);
    expect((await server.counts()).connections).toBe(1);
    expect(closed).toEqual([]);
  });

  it('stays open after a HEAD request', async () => {
    const connection = connect();
    await send(connection, { method: 'HEAD' });
    const second = await send(connection);
    connection.destroy();
    expect(second.reuse).toBe(1);
    expect((await server.counts()).connections).toBe(1);
  });

  it('sends the body and reads the answer to its end', async () => {
    const connection = connect();
    const result = await send(connection, { method: 'POST', path: '/orders', body: '{"sku":"A1"}' });
    connection.destroy();
    expect(result).toMatchObject({ status: 200, failure: null, reuse: 0 });
    expect(JSON.parse(result.body!.toString())).toEqual({ ok: true, version: '', path: '/orders' });
    expect(result.bytes).toBe(result.body!.length);
    expect(result.sentAt).toBeLessThanOrEqual(result.writtenAt!);
    expect(result.writtenAt!).toBeLessThanOrEqual(result.firstByteAt!);
    expect(result.firstByteAt!).toBeLessThanOrEqual(result.endedAt);
  });

  it('survives being destroyed while it is being made', async () => {
    const connection = connect();
    const result = send(connection);
    connection.destroy();
    expect((await result).failure).toMatchObject({ how: 'connecting' });
  });
});
