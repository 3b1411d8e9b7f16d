import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer, type ToldServer } from './told-server.ts';

let server: ToldServer;
let session: ClientHttp2Session;
let goodbyes: { code: number; lastStream: number | undefined }[];
beforeEach(async () => {
  server = await startServer('h2-fault-server.mjs');
  goodbyes = [];
  session = connect(`http://127.0.0.1:${server.port}`);
  session.on('error', () => {});
  session.on('goaway', (code, lastStream) => goodbyes.push({ code, lastStream }));
});
afterEach(async () => {
  session.destroy();
  await server.stop();
});

/** The status of the answer, or the code the stream was reset with. */
function get(): Promise<string> {
  return new Promise((resolve) => {
    const stream = session.request({ ':path': '/x' });
    let status = '';
    stream.on('response', (headers) => {
      status = String(headers[':status']);
    });
    stream.on('error', () => {});
    stream.on('close', () => resolve(stream.rstCode === 0 ? status : `reset ${stream.rstCode}`));
    stream.resume().end();
  });
}

describe('the HTTP/2 fault server', () => {
  it('answers, refuses and resets streams, and counts them', async () => {
    expect(await get()).toBe('200');
    await server.ask({ do: 'fault', fault: 'refused-stream', every: 2, times: 1 });
    expect([await get(), await get(), await get()]).toEqual([
      '200',
      `reset ${constants.NGHTTP2_REFUSED_STREAM}`,
      '200',
    ]);
    await server.ask({ do: 'fault', fault: 'rst-stream', times: 1 });
    expect(await get()).toBe(`reset ${constants.NGHTTP2_INTERNAL_ERROR}`);
    expect(await server.ask({ do: 'counts' })).toEqual({
      connections: 1,
      requests: 5,
      ok: 3,
      faults: { 'refused-stream': 1, 'rst-stream': 1 },
    });
  });

  it('says goodbye before a stream, leaves it and those behind it out, and counts each', async () => {
    expect(await get()).toBe('200');
    await server.ask({ do: 'fault', fault: 'goaway', every: 2, times: 1 });
    const left = `reset ${constants.NGHTTP2_REFUSED_STREAM}`;
    expect(await Promise.all([get(), get(), get()])).toEqual(['200', left, left]);
    expect(goodbyes).toEqual([{ code: constants.NGHTTP2_NO_ERROR, lastStream: 3 }]);
    expect(await server.ask({ do: 'counts' })).toMatchObject({ requests: 4, ok: 2, faults: { goaway: 2 } });
  });

  it('answers everything before a graceful goodbye', async () => {
    await server.ask({ do: 'fault', fault: 'goaway-graceful', every: 2, times: 1 });
    expect(await Promise.all([get(), get(), get()])).toEqual(['200', '200', '200']);
    expect(goodbyes).toEqual([{ code: constants.NGHTTP2_NO_ERROR, lastStream: 2 ** 31 - 1 }]);
    expect(await server.ask({ do: 'counts' })).toMatchObject({ ok: 3, faults: { 'goaway-graceful': 1 } });
  });
});
