import { createServer as createH2, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcp } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { classify } from '../../src/wire/classify.js';
import { connectionTo } from '../../src/wire/connect.js';
import type { Connection } from '../../src/wire/connection.js';
import { type Endpoint, endpointOf } from '../../src/wire/endpoint.js';
import { begin, bodyOf, send } from './exchanges.ts';
import { type FrameConnection, type FrameScript, type FrameServer, startFrameServer } from './h2-frames.ts';

const NO_ERROR = 0;
const PROTOCOL_ERROR = 1;
const INTERNAL_ERROR = 2;
const REFUSED_STREAM = 7;
const CANCEL = 8;
const ENHANCE_YOUR_CALM = 11;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function frameServer(script: FrameScript): Promise<FrameServer> {
  const server = await startFrameServer(script);
  cleanups.push(() => server.stop());
  return server;
}

function connect(endpoint: Endpoint, onIdleClose: (how: 'fin' | 'rst') => void = () => {}): Connection {
  const connection = connectionTo(
    endpoint,
    1,
    () => performance.now(),
    (_connection, how) => onIdleClose(how),
  );
  cleanups.push(() => connection.destroy());
  return connection;
}

function answer(connection: FrameConnection, stream: number, text = 'hello'): void {
  connection.head(stream);
  connection.data(stream, text, true);
}

describe('an HTTP/2 answer', () => {
  it('is read to its end, with its times, headers and bytes', async () => {
    const server = await frameServer({
      request(connection, stream) {
        connection.head(stream, { headers: { 'x-app': 'v1', 'set-cookie': 'a=1' } });
        connection.data(stream, 'hel');
        connection.data(stream, 'lo', true);
      },
    });
    const connection = connect(server.endpoint);
    const heads: number[] = [];
    const result = await send(connection, { onHead: (status) => heads.push(status) });
    expect(result).toMatchObject({ status: 200, bytes: 5, reuse: 0, idleMs: 0, failure: null, answerBegun: true });
    expect(result.headers).toEqual({ 'x-app': 'v1', 'set-cookie': 'a=1' });
    expect(bodyOf(result)).toBe('hello');
    expect(heads).toEqual([200]);
    expect(result.sentAt).toBeLessThan(result.writtenAt!);
    expect(result.writtenAt!).toBeLessThanOrEqual(result.firstByteAt!);
    expect(result.firstByteAt!).toBeLessThanOrEqual(result.endedAt);
    expect(connection).toMatchObject({ gone: false, closeAnnounced: false, requests: 1, idleSince: result.endedAt });
  });

  it('may have no body, and tells the next request that it is on a used connection', async () => {
    const server = await frameServer({
      request: (connection, stream) => connection.head(stream, { end: true, status: 204 }),
    });
    const connection = connect(server.endpoint);
    expect(await send(connection, { method: 'DELETE' })).toMatchObject({ status: 204, bytes: 0, failure: null });
    const second = await send(connection);
    expect(second).toMatchObject({ status: 204, reuse: 1, failure: null });
    expect(second.idleMs).toBeGreaterThanOrEqual(0);
    expect(server.connections).toHaveLength(1);
  });

  it('keeps values of one name: cookies by line, others by comma', async () => {
    const server = await startNodeServer((stream) => {
      stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'], 'x-list': ['a', 'b'] }, { endStream: true });
    });
    const result = await send(connect(server));
    expect(result.headers).toMatchObject({ 'set-cookie': 'a=1\nb=2', 'x-list': 'a, b' });
  });

  it.each([
    ['NO_ERROR', NO_ERROR],
    ['CANCEL', CANCEL],
    ['ENHANCE_YOUR_CALM', ENHANCE_YOUR_CALM],
    ['error code 999', 999],
  ])('that is cut by RST_STREAM (%s) in its body is no answer', async (name, code) => {
    const server = await frameServer({
      request(connection, stream) {
        connection.head(stream);
        connection.data(stream, 'part');
        connection.rst(stream, code);
      },
    });
    const connection = connect(server.endpoint);
    const result = await send(connection);
    expect(result).toMatchObject({ status: 200, bytes: 4, answerBegun: true, failure: { how: 'reset', code: name } });
    expect(connection.gone).toBe(false);
  });

  it('that ends before the body was sent is whole, also where RST_STREAM (NO_ERROR) follows', async () => {
    const server = await frameServer({
      begun(connection, stream) {
        answer(connection, stream);
        connection.rst(stream, NO_ERROR);
      },
    });
    const result = await send(connect(server.endpoint), { method: 'POST', body: { contentLength: 1000 } });
    expect(result).toMatchObject({ status: 200, bytes: 5, failure: null });
  });

  it.each([
    ['shorter', 'hell', true],
    ['longer', 'hello!', false],
  ])('that is %s than its content-length is malformed', async (_how, text, end) => {
    const server = await frameServer({
      request(connection, stream) {
        connection.head(stream, { headers: { 'content-length': '5' } });
        connection.data(stream, text, end);
      },
    });
    expect((await send(connect(server.endpoint))).failure).toMatchObject({ how: 'protocol' });
  });

  it('to HEAD has no body, whatever its content-length', async () => {
    const server = await frameServer({
      request: (connection, stream) => connection.head(stream, { headers: { 'content-length': '5' }, end: true }),
    });
    const result = await send(connect(server.endpoint), { method: 'HEAD' });
    expect(result).toMatchObject({ status: 200, bytes: 0, failure: null });
  });

  it('comes after interim ones, but not after more than ten', async () => {
    const server = await frameServer({
      request(connection, stream, nth) {
        for (let i = 0; i < (nth === 1 ? 10 : 11); i += 1) connection.head(stream, { status: 103 });
        answer(connection, stream);
      },
    });
    const connection = connect(server.endpoint);
    expect(await send(connection)).toMatchObject({ status: 200, failure: null });
    expect(await send(connection)).toMatchObject({ status: null, failure: { how: 'protocol' } });
    expect(connection.gone).toBe(false);
  });

  it('may have 60,000 bytes of headers, not 70,000', async () => {
    const server = await frameServer({
      request(connection, stream, nth) {
        const value = 'a'.repeat(nth === 1 ? 6000 : 7000);
        const headers = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x-${i}`, value]));
        connection.head(stream, { headers, end: true });
      },
    });
    const connection = connect(server.endpoint);
    expect(await send(connection)).toMatchObject({ status: 200, failure: null });
    const { failure } = await send(connection);
    expect(failure).toEqual({ how: 'protocol', message: 'an answer with more than 65536 bytes of headers' });
    expect(connection.gone).toBe(false);
  });

  it('is given up beyond 64 MiB, and kept up to 16', async () => {
    const mib = Buffer.alloc(1024 * 1024);
    const endpoint = await startNodeServer((stream, headers) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200 });
      let left = Number(String(headers[':path']).slice(1));
      const more = (): void => {
        while (left > 0) {
          left -= 1;
          if (!stream.write(mib)) {
            stream.once('drain', more);
            return;
          }
        }
        stream.end();
      };
      more();
    });
    const connection = connect(endpoint);
    const whole = await send(connection, { target: '/17' });
    expect(whole).toMatchObject({ bytes: 17 * mib.length, failure: null });
    expect(whole.body).toHaveLength(16 * mib.length);
    const { failure } = await send(connection, { target: '/65' });
    expect(failure).toEqual({ how: 'protocol', message: 'an answer of more than 67108864 bytes' });
    expect(connection.gone).toBe(false);
  });
});

describe('an HTTP/2 request', () => {
  it('carries its authority, scheme, headers and body, and none of what belongs to HTTP/1.1', async () => {
    const seen: Record<string, unknown>[] = [];
    const endpoint = await startNodeServer((stream, headers) => {
      seen.push({ ...headers });
      let body = '';
      stream.on('data', (piece) => {
        body += piece;
      });
      stream.on('end', () => {
        stream.respond({ ':status': 200 });
        stream.end(body);
      });
    });
    const headers = { 'x-test': 'ü', connection: 'close', host: 'shop.test' };
    const result = await send(connect(endpoint), { method: 'POST', target: '/orders?a=1', headers, body: '{"é":1}' });
    expect(bodyOf(result)).toBe('{"é":1}');
    expect(seen).toEqual([
      expect.objectContaining({
        ':method': 'POST',
        ':scheme': 'http',
        ':authority': 'shop.test',
        ':path': '/orders?a=1',
        'content-length': '8',
      }),
    ]);
    expect(seen[0]).not.toHaveProperty('connection');
  });

  it('streams a body in pieces, those from before the connection was there too', async () => {
    const endpoint = await startNodeServer((stream, headers) => {
      let body = '';
      stream.on('data', (piece) => {
        body += piece;
      });
      stream.on('end', () => {
        stream.respond({ ':status': 200 });
        stream.end(`${headers['content-length']} ${body}`);
      });
    });
    const connection = connect(endpoint);
    const { pending, result } = begin(connection, { method: 'PUT', body: { contentLength: 9 } });
    expect(pending.write(Buffer.from('one'))).toBe(false);
    pending.write(Buffer.from('two'));
    pending.write(Buffer.from('six'));
    expect(bodyOf(await result)).toBe('9 onetwosix');
    expect(pending.write(Buffer.from('late'))).toBe(false);
  });

  it('that is refused is told apart from one that is reset, and the connection lives', async () => {
    const codes = [REFUSED_STREAM, CANCEL, PROTOCOL_ERROR];
    const server = await frameServer({
      request(connection, stream, nth) {
        const code = codes[nth - 1];
        if (code === undefined) answer(connection, stream);
        else connection.rst(stream, code);
      },
    });
    const connection = connect(server.endpoint);
    const failures = [];
    for (let i = 0; i < 4; i += 1) failures.push((await send(connection)).failure?.how ?? null);
    expect(failures).toEqual(['refused-stream', 'reset', 'protocol', null]);
    expect(server.connections).toHaveLength(1);
  });

  it.each([
    [
      'its stream is reset',
      'lost',
      (connection: FrameConnection, stream: number) => connection.rst(stream, INTERNAL_ERROR),
    ],
    [
      'its stream is refused',
      'retryable',
      (connection: FrameConnection, stream: number) => connection.rst(stream, REFUSED_STREAM),
    ],
    ['its connection is reset', 'retryable', ({ socket }: FrameConnection) => socket.resetAndDestroy()],
    ['its connection is closed', 'retryable', ({ socket }: FrameConnection) => socket.end()],
  ])('of a browser, where %s, is %s', async (_how, kind, end) => {
    const server = await frameServer({
      request: (connection, stream, nth) => (nth === 1 ? answer(connection, stream) : end(connection, stream)),
    });
    const connection = connect(server.endpoint);
    await send(connection);
    const expectation = { statuses: null, body: null, json: [], headers: [] };
    const result = await send(connection);
    expect(classify({ method: 'GET', expect: expectation }, result, 'browser').kind).toBe(kind);
  });

  it('that expires is cancelled alone', async () => {
    const server = await frameServer({
      request(connection, stream, nth) {
        if (nth === 2) answer(connection, stream);
        if (nth === 3) connection.head(stream);
      },
    });
    const connection = connect(server.endpoint);
    const hangs = begin(connection);
    const answered = begin(connection);
    const begun = new Promise<void>((resolve) => {
      const cut = begin(connection, { onHead: () => resolve(cut.pending.expire()) });
      cleanups.push(async () => expect((await cut.result).failure).toEqual({ how: 'expired', while: 'body' }));
    });
    expect(await answered.result).toMatchObject({ status: 200, failure: null });
    await begun;
    hangs.pending.expire();
    hangs.pending.expire();
    expect(await hangs.result).toMatchObject({ status: null, failure: { how: 'expired', while: 'waiting' } });
    expect(connection.gone).toBe(false);
    await server.until(() => cancelled(server.connections[0]!).length === 2);
    expect(cancelled(server.connections[0]!).sort()).toEqual([1, 5]);
  });

  it('that expires within its body is cancelled, and its body is not ended', async () => {
    const server = await frameServer({});
    const { pending, result } = begin(connect(server.endpoint), { method: 'PUT', body: { contentLength: 1000 } });
    pending.write(Buffer.alloc(10));
    await server.until(() => server.connections[0]?.received.some(({ type }) => type === 'DATA') ?? false);
    pending.expire();
    expect((await result).failure).toEqual({ how: 'expired', while: 'waiting' });
    const [connection] = server.connections;
    await server.until(() => cancelled(connection!).length > 0);
    expect(connection!.received.filter(({ type, flags }) => type === 'DATA' && flags !== 0)).toEqual([]);
  });

  it('is one of no more than the server allows, and only one before the server has said so', async () => {
    const open = new Set<number>();
    let most = 0;
    let release = (): void => {};
    const server = await frameServer({
      connected(connection) {
        release = () => connection.settings(3);
      },
      begun(_connection, stream) {
        open.add(stream);
        most = Math.max(most, open.size);
      },
      request(connection, stream, nth) {
        if (nth === 1) {
          expect(connection.streams).toEqual([1]);
          release();
        }
        setImmediate(() => {
          open.delete(stream);
          answer(connection, stream);
        });
      },
    });
    const connection = connect(server.endpoint);
    const results = await Promise.all(Array.from({ length: 50 }, () => send(connection)));
    expect(results.map(({ failure }) => failure)).toEqual(Array.from({ length: 50 }, () => null));
    expect(results.map(({ reuse }) => reuse)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(most).toBe(3);
    expect(connection.concurrency).toBe(3);
  });

  it('is never more than one of a hundred, whatever the server allows', async () => {
    const server = await frameServer({ connected: (connection) => connection.settings(4_000_000_000) });
    const connection = connect(server.endpoint);
    for (let i = 0; i < 150; i += 1) begin(connection);
    await server.until(() => server.connections[0]?.streams.length === 100);
    expect(connection.concurrency).toBe(100);
    connection.destroy();
  });
});

describe('GOAWAY', () => {
  it.each([
    ['NO_ERROR', NO_ERROR],
    ['ENHANCE_YOUR_CALM', ENHANCE_YOUR_CALM],
  ])('(%s) fails the streams beyond the last one, and lets the others finish', async (name, code) => {
    const server = await frameServer({
      request(connection, _stream, nth) {
        if (nth < 3) return;
        connection.goaway(1, code);
      },
    });
    const connection = connect(server.endpoint);
    const [kept, ...lost] = [send(connection), send(connection), send(connection)];
    for (const { failure, answerBegun } of await Promise.all(lost)) {
      expect(failure).toEqual({ how: 'goaway', message: `GOAWAY (${name}): not processed` });
      expect(answerBegun).toBe(false);
    }
    expect(connection).toMatchObject({ closeAnnounced: true, idleSince: null });
    const peer = await quiet(server);
    answer(peer, 1);
    expect(await kept).toMatchObject({ status: 200, failure: null });
    expect(peer.streams).toEqual([1, 3, 5]);
  });

  it('leaves a stream that is refused by itself a refused one', async () => {
    const server = await frameServer({
      request(connection, _stream, nth) {
        if (nth < 3) return;
        connection.goaway(3, NO_ERROR);
        connection.rst(3, REFUSED_STREAM);
        answer(connection, 1);
      },
    });
    const connection = connect(server.endpoint);
    const results = await Promise.all([send(connection), send(connection), send(connection)]);
    expect(results.map(({ failure }) => failure?.how ?? null)).toEqual([null, 'refused-stream', 'goaway']);
  });

  it('that announces a later one, and that later one, fail nothing', async () => {
    const server = await frameServer({
      request(connection, _stream, nth) {
        if (nth < 3) return;
        connection.goaway(2 ** 31 - 1, NO_ERROR);
        connection.goaway(5, NO_ERROR);
        for (const stream of [5, 1, 3]) answer(connection, stream);
      },
    });
    const closed: string[] = [];
    const connection = connect(server.endpoint, (how) => closed.push(how));
    const results = await Promise.all([send(connection), send(connection), send(connection)]);
    expect(results.map(({ failure }) => failure)).toEqual([null, null, null]);
    expect(connection.closeAnnounced).toBe(true);
    await server.until(() => server.connections[0]!.socket.destroyed);
    expect(closed).toEqual([]);
  });

  it('takes no further request: it is not written, and can be sent elsewhere', async () => {
    const server = await frameServer({ request: (connection) => connection.goaway(1, NO_ERROR) });
    const connection = connect(server.endpoint);
    const first = begin(connection);
    while (!connection.closeAnnounced) await new Promise((resolve) => setImmediate(resolve));
    const unwritten = { writtenAt: null, reuse: 1, failure: { how: 'connecting', code: 'GONE' } };
    expect(await send(connection)).toMatchObject(unwritten);
    answer(server.connections[0]!, 1);
    expect(await first.result).toMatchObject({ status: 200, failure: null });
    expect(server.connections[0]!.streams).toEqual([1]);
  });

  it('leaves what waits for a stream unwritten', async () => {
    const server = await frameServer({
      connected: (connection) => connection.settings(1),
      request: (connection) => connection.goaway(1, NO_ERROR),
    });
    const connection = connect(server.endpoint);
    const first = begin(connection);
    const unwritten = { writtenAt: null, reuse: 1, failure: { how: 'connecting', code: 'GONE' } };
    expect(await send(connection)).toMatchObject(unwritten);
    answer(server.connections[0]!, 1);
    expect(await first.result).toMatchObject({ failure: null });
  });

  it('that comes in the turn in which a stream is opened leaves its request unwritten', async () => {
    const server = await frameServer({
      request(connection, stream) {
        connection.socket.cork();
        answer(connection, stream);
        connection.goaway(stream, NO_ERROR);
        connection.socket.uncork();
      },
    });
    const connection = connect(server.endpoint);
    await send(connection);
    const next = await send(connection);
    expect(next).toMatchObject({ writtenAt: null, reuse: 1, failure: { how: 'connecting', code: 'GONE' } });
    expect(connection.requests).toBe(1);
    expect(server.connections[0]!.streams).toEqual([1]);
  });

  it('that greets a new connection is a failure of its first request', async () => {
    const server = await frameServer({
      connected(connection) {
        connection.settings();
        connection.goaway(0, NO_ERROR);
      },
    });
    const { failure, reuse } = await send(connect(server.endpoint));
    expect({ failure, reuse }).toEqual({
      failure: { how: 'goaway', message: 'GOAWAY (NO_ERROR): not processed' },
      reuse: 0,
    });
  });

  it.each([
    ['closed', 'fin'],
    ['reset', 'rst'],
  ])('then the end of the connection: streams up to the last one are %s', async (how, end) => {
    const server = await frameServer({
      request(connection, _stream, nth) {
        if (nth === 3) connection.goaway(3, NO_ERROR);
      },
    });
    const connection = connect(server.endpoint);
    const results = [send(connection), send(connection), send(connection)];
    expect((await results[2]!).failure).toMatchObject({ how: 'goaway' });
    const { socket } = await quiet(server);
    if (end === 'fin') socket.end();
    else socket.resetAndDestroy();
    expect((await results[0]!).failure).toMatchObject({ how });
    expect((await results[1]!).failure).toMatchObject({ how });
    expect(connection.gone).toBe(true);
  });
});

describe('the end of an HTTP/2 connection', () => {
  it.each([
    ['closed', 'fin'],
    ['reset', 'rst'],
  ])('fails what is on it as %s, once each', async (how, end) => {
    const server = await frameServer({
      request(connection, stream, nth) {
        if (nth === 2) connection.head(stream);
      },
    });
    const closed: string[] = [];
    const connection = connect(server.endpoint, (idle) => closed.push(idle));
    const pending = [send(connection), send(connection), send(connection)];
    await server.until(() => server.connections[0]?.streams.length === 3);
    const { socket } = await quiet(server);
    if (end === 'fin') socket.end();
    else socket.resetAndDestroy();
    const results = await Promise.all(pending);
    for (const { failure } of results) expect(failure?.how).toBe(how);
    expect(results.map(({ status }) => status)).toEqual([null, 200, null]);
    expect(connection.gone).toBe(true);
    expect(closed).toEqual([]);
    expect(await send(connection)).toMatchObject({ writtenAt: null, failure: { how: 'connecting', code: 'GONE' } });
  });

  it.each(['fin', 'rst'])('is told of where it comes by %s while nothing is on it', async (how) => {
    const server = await frameServer({ request: (connection, stream) => answer(connection, stream) });
    let tell = (_how: string): void => {};
    const closed = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const connection = connect(server.endpoint, tell);
    await send(connection);
    const { socket } = await quiet(server);
    if (how === 'fin') socket.end();
    else socket.resetAndDestroy();
    expect(await closed).toBe(how);
    expect(connection.gone).toBe(true);
  });

  it('is no surprise after a GOAWAY', async () => {
    const server = await frameServer({
      request(connection, stream) {
        answer(connection, stream);
        connection.goaway(stream, NO_ERROR);
        connection.socket.end();
      },
    });
    const closed: string[] = [];
    const connection = connect(server.endpoint, (how) => closed.push(how));
    expect((await send(connection)).failure).toBeNull();
    await server.until(() => server.connections[0]!.socket.destroyed);
    while (!connection.gone) await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toEqual([]);
  });

  it('by ourselves fails what is on it, and is no idle close', async () => {
    const server = await frameServer({});
    const closed: string[] = [];
    const connection = connect(server.endpoint, (how) => closed.push(how));
    const result = send(connection);
    await server.until(() => server.connections[0]?.streams.length === 1);
    connection.destroy();
    expect((await result).failure).toEqual({ how: 'closed' });
    await server.until(() => server.connections[0]!.socket.destroyed);
    expect(closed).toEqual([]);
  });
});

describe('a server that does not speak HTTP/2', () => {
  it.each([
    ['HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'],
    ['garbage', '\0'.repeat(100)],
  ])('is called that, where it sends %s', async (_what, bytes) => {
    const server = createTcp((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {});
      socket.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as { port: number };
    const connection = connect({ ...endpointOf(`http://127.0.0.1:${port}`), protocol: 'h2' });
    const { failure } = await send(connection);
    expect(failure).toMatchObject({ how: 'protocol' });
    expect((failure as { message: string }).message).toMatch(/^the server does not speak HTTP\/2: /);
    expect(connection.gone).toBe(true);
  });

  it('is refused its pushes', async () => {
    const server = await frameServer({
      request(connection, stream) {
        // PUSH_PROMISE of stream 2 with `:status: 200` for a head: wrong in more than one way.
        const promise = Buffer.from([0, 0, 6, 5, 4, 0, 0, 0, stream, 0, 0, 0, 2, 0x88, 0x88]);
        connection.socket.write(promise);
      },
    });
    expect((await send(connect(server.endpoint))).failure?.how).toBe('protocol');
  });
});

describe('many HTTP/2 requests', () => {
  it('are all answered: 1,000 over 4 connections', async () => {
    let served = 0;
    const endpoint = await startNodeServer((stream, headers) => {
      served += 1;
      stream.respond({ ':status': 200 });
      stream.end(String(headers[':path']));
    });
    const connections = Array.from({ length: 4 }, () => connect(endpoint));
    const results = await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => {
        const result = await send(connections[i % 4]!, { target: `/${i}` });
        return result.failure === null && bodyOf(result) === `/${i}`;
      }),
    );
    expect(results.filter((ok) => ok)).toHaveLength(1000);
    expect(served).toBe(1000);
    expect(connections.map(({ requests }) => requests)).toEqual([250, 250, 250, 250]);
  });

  it('fail exactly as often as the server made them fail', async () => {
    const made = { ok: 0, 'refused-stream': 0, reset: 0, goaway: 0 };
    const server = await frameServer({
      begun(connection, stream, nth) {
        const last = connection.socket.listenerCount('test-goaway');
        if (last > 0) {
          made.goaway += 1;
        } else if (nth % 50 === 0) {
          connection.goaway(stream - 2, NO_ERROR);
          connection.socket.on('test-goaway', () => {});
          made.goaway += 1;
        } else if (nth % 10 === 0) {
          connection.rst(stream, REFUSED_STREAM);
          made['refused-stream'] += 1;
        } else if (nth % 7 === 0) {
          connection.rst(stream, CANCEL);
          made.reset += 1;
        } else {
          answer(connection, stream);
          made.ok += 1;
        }
      },
    });
    const seen = { ok: 0, 'refused-stream': 0, reset: 0, goaway: 0 };
    let connection = connect(server.endpoint);
    let left = 2000;
    const one = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        if (connection.gone || connection.closeAnnounced) connection = connect(server.endpoint);
        const { failure, writtenAt } = await send(connection);
        if (writtenAt === null) left += 1;
        else seen[(failure?.how ?? 'ok') as keyof typeof seen] += 1;
      }
    };
    await Promise.all(Array.from({ length: 20 }, one));
    await server.until(() => Object.values(made).reduce((sum, count) => sum + count) >= 2000);
    expect(seen).toEqual(made);
    expect(seen.goaway).toBeGreaterThan(30);
  });
});

/** The client has read what was sent to it, and has nothing to write: a write that meets an RST makes it look like a FIN. */
async function quiet(server: FrameServer): Promise<FrameConnection> {
  const connection = server.connections[0]!;
  const pongs = (): number => connection.received.filter(({ type, flags }) => type === 'PING' && flags === 1).length;
  const before = pongs();
  connection.ping();
  await server.until(() => pongs() > before);
  return connection;
}

function cancelled(connection: FrameConnection): number[] {
  return connection.received
    .filter(({ type, payload }) => type === 'RST_STREAM' && payload.readUInt32BE() === CANCEL)
    .map(({ stream }) => stream);
}

async function startNodeServer(
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<Endpoint> {
  const server = createH2();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', onStream);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as { port: number };
  return { ...endpointOf(`http://127.0.0.1:${port}`), protocol: 'h2' };
}
