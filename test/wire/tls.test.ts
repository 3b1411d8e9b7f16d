import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { connect as connectTcp, createServer as createTcp, type Server, type Socket } from 'node:net';
import { createServer as createTls, TLSSocket, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expiryNote } from '../../src/wire/certificate.js';
import { classify } from '../../src/wire/classify.js';
import { connectionTo } from '../../src/wire/connect.js';
import type { Connection } from '../../src/wire/connection.js';
import { type Endpoint, SYSTEM_TLS } from '../../src/wire/endpoint.js';
import type { Exchange } from '../../src/wire/exchange.js';
import { type Authority, authority, type Identity } from './certificates.ts';
import { begin, bodyOf, send } from './exchanges.ts';

const DAY_MS = 86_400_000;
const PROTOCOLS = ['http/1.1', 'h2'] as const;
type Protocol = (typeof PROTOCOLS)[number];

let own: Authority;
let other: Authority;
let shop: Identity;
let client: Identity;
beforeAll(() => {
  own = authority('own authority');
  other = authority('other authority');
  shop = own.issue('DNS:shop.internal,IP:127.0.0.1', 90);
  client = own.issue('DNS:client.internal');
});
afterAll(() => {
  own.remove();
  other.remove();
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe.each(PROTOCOLS)('%s over TLS', (protocol) => {
  it('trusts the authority that is given, and sends the name of the origin', async () => {
    const port = await serve(shop);
    const connection = connect(protocol, port);
    const result = await send(connection, { target: '/a' });
    expect(result).toMatchObject({ status: 200, failure: null });
    const httpVersion = protocol === 'h2' ? '2.0' : '1.1';
    expect(JSON.parse(bodyOf(result))).toEqual({
      servername: 'shop.internal',
      host: `shop.internal:${port}`,
      httpVersion,
      client: null,
    });
    expect(Math.abs(connection.certificateUntil! - (Date.now() + 90 * DAY_MS))).toBeLessThan(DAY_MS);
    expect((await send(connection)).reuse).toBe(1);
  });

  it('sends the other name that is given, and checks the certificate against it', async () => {
    const port = await serve(own.issue('DNS:backend.internal'));
    const result = await send(connect(protocol, port, { servername: 'backend.internal' }));
    expect(JSON.parse(bodyOf(result))).toMatchObject({ servername: 'backend.internal', host: `shop.internal:${port}` });
  });

  it('sends no name where the origin is an address, and checks the certificate against that', async () => {
    const port = await serve(shop);
    const origin = `https://127.0.0.1:${port}`;
    const result = await send(connect(protocol, port, {}, { origin, address: null }));
    expect(JSON.parse(bodyOf(result))).toMatchObject({ servername: false });
    const elsewhere = `https://127.0.0.1:${await serve(own.issue('DNS:shop.internal'))}`;
    const wrong = await send(connect(protocol, 0, {}, { origin: elsewhere, address: null }));
    expect(lossOf(wrong)).toEqual({ cause: 'tls', detail: expect.stringMatching(/ERR_TLS_CERT_ALTNAME_INVALID/) });
  });

  it('shows the certificate of the client', async () => {
    const port = await serve(shop, { requestCert: true, rejectUnauthorized: true, ca: own.ca });
    const result = await send(connect(protocol, port, client));
    expect(JSON.parse(bodyOf(result))).toMatchObject({ client: 'leaf' });
  });

  it.each([
    ['another name', () => own.issue('DNS:else.internal'), /^ERR_TLS_CERT_ALTNAME_INVALID: .*shop\.internal/],
    [
      'a certificate that expired',
      () => own.issue('DNS:shop.internal', -1),
      /^CERT_HAS_EXPIRED: certificate has expired/,
    ],
    ['an authority that is not trusted', () => other.issue('DNS:shop.internal'), /^UNABLE_TO_VERIFY_LEAF_SIGNATURE: /],
  ])('is lost to TLS where the server has %s', async (_what, identity, said) => {
    const result = await send(connect(protocol, await serve(identity())));
    expect(lossOf(result)).toEqual({ cause: 'tls', detail: expect.stringMatching(said) });
    expect(result.writtenAt).toBeNull();
  });

  it('is lost to TLS where the server wants a certificate of the client', async () => {
    const port = await serve(shop, { requestCert: true, rejectUnauthorized: true, ca: own.ca });
    const result = await send(connect(protocol, port));
    expect(lossOf(result)).toEqual({ cause: 'tls', detail: expect.stringMatching(/certificate required/) });
  });

  it('is lost to TLS where the server speaks plain HTTP', async () => {
    const port = await plain((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const result = await send(connect(protocol, port));
    expect(lossOf(result)).toEqual({ cause: 'tls', detail: expect.stringMatching(/wrong version number/) });
  });

  it('is lost to TLS where the server speaks another protocol in it', async () => {
    const result = await send(connect(protocol, await serveOtherProtocol()));
    expect(lossOf(result)).toMatchObject({ cause: 'tls' });
  });

  it.each([
    ['reset', 'reset', (socket: Socket) => socket.resetAndDestroy()],
    ['closed', 'closed', (socket: Socket) => socket.end()],
  ])('is lost while connecting where the handshake is %s', async (_how, cause, end) => {
    const result = await send(connect(protocol, await plain(end)));
    expect(lossOf(result)).toMatchObject({ cause });
    expect(result).toMatchObject({ writtenAt: null, failure: { how: 'connecting' } });
  });

  it('expires while connecting where the handshake hangs', async () => {
    let arrived = (): void => {};
    const begun = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const connection = connect(protocol, await plain(arrived));
    const { pending, result } = begin(connection);
    await begun;
    pending.expire();
    expect(await result).toMatchObject({ writtenAt: null, failure: { how: 'expired', while: 'connecting' } });
    expect(connection.gone).toBe(true);
  });

  it('is closed, not broken TLS, where the connection ends without a word', async () => {
    const connection = connect(protocol, await serveThenCut());
    const result = await send(connection);
    expect(result.failure).toEqual({ how: 'closed' });
    expect(result.writtenAt).not.toBeNull();
  });
});

describe('HTTP/2 over TLS', () => {
  it('leaves an attempt to connect that hangs to those that wait for it, and takes no more', async () => {
    let raw: Socket | undefined;
    let arrived = (): void => {};
    const begun = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const target = await serve(shop);
    // Holds the handshake back, and lets it go on later.
    const port = await plain((socket) => {
      raw = socket;
      socket.pause();
      arrived();
    });
    const connection = connect('h2', port);
    const first = begin(connection);
    const second = begin(connection);
    await begun;
    first.pending.expire();
    expect(await first.result).toMatchObject({ failure: { how: 'expired', while: 'connecting' } });
    expect(connection.gone).toBe(true);
    expect((await send(connection)).failure).toMatchObject({ how: 'connecting', code: 'GONE' });
    const through = connectTcp(target, '127.0.0.1');
    cleanups.push(() => through.destroy());
    raw!.pipe(through).pipe(raw!);
    expect(await second.result).toMatchObject({ status: 200, reuse: 0, failure: null });
  });
});

describe('the note of a certificate', () => {
  const now = Date.UTC(2026, 0, 1);

  it.each([
    [15 * DAY_MS, null],
    [13.5 * DAY_MS, "the server's certificate expires in 13 days, on 2026-01-14 12:00 UTC"],
    [1.5 * DAY_MS, "the server's certificate expires in 1 day, on 2026-01-02 12:00 UTC"],
    [DAY_MS / 2, "the server's certificate expires within a day, on 2026-01-01 12:00 UTC"],
    [-DAY_MS, "the server's certificate expired on 2025-12-31 00:00 UTC"],
  ])('%d ms before its end', (left, note) => {
    expect(expiryNote(now + left, now)).toBe(note);
  });
});

function connect(
  protocol: Protocol,
  port: number,
  tls: Partial<Endpoint['tls']> = {},
  part: Partial<Endpoint> = {},
): Connection {
  const endpoint: Endpoint = {
    name: '',
    origin: `https://shop.internal:${port}`,
    protocol,
    address: '127.0.0.1',
    socketPath: null,
    tls: { ...SYSTEM_TLS, ca: own.ca, ...tls },
    ...part,
  };
  const connection = connectionTo(
    endpoint,
    1,
    () => performance.now(),
    () => {},
  );
  cleanups.push(() => connection.destroy());
  return connection;
}

function lossOf(result: Exchange): { cause: string; detail: string } {
  const expectation = { statuses: null, body: null, json: [], headers: [] };
  const outcome = classify({ method: 'GET', expect: expectation }, result, 'strict');
  if (outcome.kind !== 'lost') throw new Error(`not lost, but ${outcome.kind}`);
  return { cause: outcome.cause, detail: outcome.detail };
}

/** Says what it was asked, over HTTP/1.1 and HTTP/2. */
function serve(identity: Identity, options: TlsOptions = {}): Promise<number> {
  const server = createSecureServer({ ...identity, ...options, allowHTTP1: true } as object, (request, response) => {
    const socket = (request.stream?.session?.socket ?? request.socket) as TLSSocket;
    const { servername, httpVersion } = { servername: socket.servername, httpVersion: request.httpVersion };
    const host = request.headers.host ?? request.headers[':authority'];
    const subject = socket.getPeerCertificate()?.subject;
    response.end(JSON.stringify({ servername, host, httpVersion, client: subject?.CN ?? null }));
  });
  server.on('tlsClientError', () => {});
  return listen(server);
}

function serveOtherProtocol(): Promise<number> {
  return listen(createTls({ ...shop, ALPNProtocols: ['smtp'] }, (socket) => socket.on('error', () => {})));
}

/** Takes a request, and ends the connection below TLS. */
function serveThenCut(): Promise<number> {
  return plain((raw) => {
    const secure = new TLSSocket(raw, { ...shop, isServer: true, ALPNProtocols: ['h2', 'http/1.1'] });
    secure.on('error', () => {});
    let read = '';
    secure.on('data', (piece) => {
      read += piece.toString('latin1');
      // The last of what a client sends at first: the end of the head, or of SETTINGS and HEADERS.
      if (read.includes('\r\n\r\n') && (!read.startsWith('PRI') || read.length > 80)) raw.end();
    });
  });
}

function plain(onConnection: (socket: Socket) => void): Promise<number> {
  return listen(
    createTcp((socket) => {
      socket.on('error', () => {});
      onConnection(socket);
    }),
  );
}

async function listen(server: Server | Http2SecureServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as { port: number }).port;
}
