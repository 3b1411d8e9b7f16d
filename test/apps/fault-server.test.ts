import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from './fault-client.ts';
import { rawConnection } from './raw-client.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await startFaultServer({ version: 'v1' });
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.clear();
  await server.reset();
});

/** What a peer without a parser sees of each fault: how the bytes begin, how they end, and what becomes of the connection. */
const SEEN: [fault: string, begins: string, ends: string, end: 'fin' | 'rst' | 'open'][] = [
  ['rst', '', '', 'rst'],
  ['fin', '', '', 'fin'],
  ['truncated-fin', 'HTTP/1.1 200 OK\r\n', 'the beginning of a body', 'fin'],
  ['truncated-rst', 'HTTP/1.1 200 OK\r\n', 'the beginning of a body', 'rst'],
  ['truncated-chunked-fin', 'HTTP/1.1 200 OK\r\n', 'the beginning of a body', 'fin'],
  ['truncated-chunked-rst', 'HTTP/1.1 200 OK\r\n', 'the beginning of a body', 'rst'],
  ['truncated-until-close-rst', 'HTTP/1.1 200 OK\r\n', 'the beginning of a body', 'rst'],
  ['truncated-head', 'HTTP/1.1 200 OK\r\n', 'text/pl', 'fin'],
  ['garbage-bytes', '\x00\x01\x02', '\r\n\r\n', 'open'],
  ['garbage-status', 'HTTP/1.1 abc', '\r\n\r\n', 'open'],
  ['garbage-header', 'HTTP/1.1 200 OK\r\nbad header', 'ok', 'open'],
  ['garbage-chunk', 'HTTP/1.1 200 OK', 'no chunk\r\n', 'open'],
  ['extra-bytes', 'HTTP/1.1 200 OK', '}extra bytes nobody asked for', 'open'],
  ['extra-late', 'HTTP/1.1 200 OK', '}bytes of no answer', 'open'],
  ['status', 'HTTP/1.1 503 Error', 'unavailable', 'open'],
  ['wrong-body', 'HTTP/1.1 200 OK', '{"surprise":true}', 'open'],
  ['hang', '', '', 'open'],
  ['hang-in-body', 'HTTP/1.1 200 OK', 'partial', 'open'],
  ['http10-close', 'HTTP/1.0 200 OK', '}', 'fin'],
  ['until-close', 'HTTP/1.1 200 OK', '}', 'fin'],
  ['announced-close', 'HTTP/1.1 200 OK', '}', 'fin'],
  ['announced-close-kept-open', 'HTTP/1.1 200 OK', '}', 'open'],
  ['close-after', 'HTTP/1.1 200 OK', '}', 'fin'],
  ['rst-after', 'HTTP/1.1 200 OK', '}', 'rst'],
  ['interim', 'HTTP/1.1 103 Wait', '}', 'open'],
  ['chunked', 'HTTP/1.1 200 OK', '0\r\n\r\n', 'open'],
  ['split', 'HTTP/1.1 200 OK', '}', 'open'],
];

/** The end of an ordinary answer, and of one that says the server is unavailable. */
const WHOLE = /\}$|unavailable$/;

describe('the fault server', () => {
  it.each(SEEN)('serves "%s" as it is named, and counts it', async (fault, begins, ends, end) => {
    await server.fault({ fault, times: 1 });
    const connection = await rawConnection(server.port);
    const whole = end === 'open' && ends !== '' ? { until: new RegExp(`${escaped(ends)}$`) } : {};
    const answer = await connection.get('/x', { ...whole, quietMs: end === 'open' ? 300 : 5000 });
    connection.socket.destroy();
    expect(answer.end).toBe(end);
    expect(answer.text.startsWith(begins)).toBe(true);
    expect(answer.text.endsWith(ends)).toBe(true);
    const counts = await server.counts();
    expect(counts.faults).toEqual({ [fault]: { total: 1, fresh: 1, reused: 0, abandoned: 0 } });
    expect(counts.requests).toEqual({ total: 1, fresh: 1, reused: 0 });
    expect(counts.ok).toBe(0);
  });

  it('hits every third of the matching requests, as often as it was told', async () => {
    await server.fault({ fault: 'status', every: 3, times: 2, path: '/x' });
    const connection = await rawConnection(server.port);
    const statuses: string[] = [];
    for (const path of ['/x', '/other', '/x', '/x', '/x', '/x', '/x', '/x', '/x', '/x']) {
      statuses.push((await connection.get(path, { until: WHOLE })).text.slice(9, 12));
    }
    connection.socket.destroy();
    expect(statuses).toEqual(['200', '200', '200', '503', '200', '200', '503', '200', '200', '200']);
    const counts = await server.counts();
    expect(counts.faults.status).toEqual({ total: 2, fresh: 0, reused: 2, abandoned: 0 });
    expect(counts.ok).toBe(8);
    expect(counts.byPath).toEqual({ '/x': 9, '/other': 1 });
  });

  it.each([
    ['fresh', ['503', '200', '200']],
    ['reused', ['200', '503', '503']],
  ] as const)('can keep a fault to %s connections', async (on, expected) => {
    await server.fault({ fault: 'status', on });
    const connection = await rawConnection(server.port);
    const statuses: string[] = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await connection.get('/x', { until: WHOLE })).text.slice(9, 12));
    connection.socket.destroy();
    expect(statuses).toEqual(expected);
    const { status } = (await server.counts()).faults;
    expect(status?.[on]).toBe(status?.total);
  });

  it('refuses connections for as long as it says, keeps established ones, and listens on the same port again', async () => {
    const kept = await rawConnection(server.port);
    await kept.get('/x', { until: WHOLE });
    const over = server.refuse(1000);
    // It begins with an answer.
    while ((await server.counts()).windows.length === 0) await kept.get('/x', { until: WHOLE });
    const refused = connect({ host: '127.0.0.1', port: server.port });
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    expect((await kept.get('/x', { until: WHOLE })).text).toContain('200 OK');
    await over;
    const anew = await rawConnection(server.port);
    expect((await anew.get('/x', { until: WHOLE })).text).toContain('200 OK');
    kept.socket.destroy();
    anew.socket.destroy();
    const [window] = (await server.counts()).windows;
    expect(lengthMs(window!)).toBeGreaterThanOrEqual(999);
  });

  it.each(['stall', 'freeze'] as const)('answers late after a %s, and knows how late', async (kind) => {
    const connection = await rawConnection(server.port);
    await connection.get('/x', { until: WHOLE });
    const over = server[kind](250);
    const answer = await connection.get('/x', { until: WHOLE });
    await over;
    connection.socket.destroy();
    expect(answer.text).toContain('200 OK');
    const [window] = (await server.counts()).windows;
    expect(window?.fault).toBe(kind);
    expect(lengthMs(window!)).toBeGreaterThanOrEqual(249);
  });

  it('pours headers, bodies and interim answers for as long as the peer reads', async () => {
    for (const [fault, least] of [
      ['endless-headers', 1e6],
      ['endless-body', 1e6],
      ['endless-interim', 1e5],
    ] as const) {
      await server.fault({ fault, times: 1 });
      const connection = await rawConnection(server.port);
      let bytes = 0;
      const enough = new Promise<void>((resolve) => {
        connection.socket.on('data', (chunk) => {
          bytes += chunk.length;
          if (bytes > least) resolve();
        });
      });
      connection.socket.write('GET /x HTTP/1.1\r\n\r\n');
      await enough;
      connection.socket.destroy();
    }
  });

  it('reads bodies by length and in chunks', async () => {
    const connection = await rawConnection(server.port);
    const sized = await connection.get('', {
      until: WHOLE,
      text: 'POST /a HTTP/1.1\r\ncontent-length: 5\r\n\r\nGET /',
    });
    const chunked = await connection.get('', {
      until: WHOLE,
      text: 'POST /b HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n',
    });
    connection.socket.destroy();
    expect([sized.text, chunked.text].map((text) => text.slice(0, 15))).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
    expect((await server.counts()).byPath).toEqual({ '/a': 1, '/b': 1 });
  });

  it('takes commands over HTTP, uncounted', async () => {
    const reply = await fetch(server.controlUrl, {
      method: 'POST',
      body: JSON.stringify({ do: 'fault', fault: 'rst' }),
    });
    expect(reply.status).toBe(200);
    expect((await server.counts()).requests.total).toBe(0);
    const wrong = await fetch(server.controlUrl, {
      method: 'POST',
      body: JSON.stringify({ do: 'fault', fault: 'no' }),
    });
    expect(wrong.status).toBe(400);
  });

  it('ends with the process that started it', async () => {
    const client = fileURLToPath(new URL('fault-server.mjs', import.meta.url));
    // A parent that is killed cannot stop its child: only the closed pipe tells.
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `require('node:child_process').spawn(process.execPath, [${JSON.stringify(client)}], { stdio: ['pipe', 1, 2] })`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const { port } = JSON.parse(line.toString()) as { port: number };
    parent.kill('SIGKILL');
    // The pipe of stdout is inherited by the server: it closes when the server is gone.
    await once(parent.stdout, 'close');
    const socket = connect({ host: '127.0.0.1', port });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});

function lengthMs({ beganAt, endedAt }: { beganAt: string; endedAt: string | null }): number {
  return Number(BigInt(endedAt!) - BigInt(beganAt)) / 1e6;
}

function escaped(text: string): string {
  return text.replace(/[^\w\s]/g, '\\$&');
}
