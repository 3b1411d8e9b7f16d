import dns from 'node:dns';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createH2 } from 'node:http2';
import { createServer as createTcp, isIP, type ListenOptions, type Server, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { classify } from '../../src/wire/classify.js';
import { connectionTo } from '../../src/wire/connect.js';
import type { Connection } from '../../src/wire/connection.js';
import { type Endpoint, endpointOf } from '../../src/wire/endpoint.js';
import type { Exchange } from '../../src/wire/exchange.js';
import { begin, bodyOf, send } from './exchanges.ts';

const PROTOCOLS = ['http/1.1', 'h2'] as const;
const HAS_IPV6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
/** Kept for documentation (RFC 5737): nobody answers there. */
const NOBODY = '192.0.2.1';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe.each(PROTOCOLS)('%s is dialed', (protocol) => {
  it.runIf(HAS_IPV6)('at an IPv6 address', async () => {
    const { port } = await serve(protocol, { host: '::1', port: 0 });
    const result = await send(connect(protocol, { origin: `http://[::1]:${port}` }));
    expect(result).toMatchObject({ status: 200, failure: null });
    expect(bodyOf(result)).toBe(`[::1]:${port}`);
  });

  it('at a Unix socket, also where its path has spaces', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zdd dial '));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const socketPath = join(folder, 'the app.sock');
    await serve(protocol, { path: socketPath });
    const connection = connect(protocol, { origin: 'http://shop.internal', socketPath });
    const result = await send(connection);
    expect(result).toMatchObject({ status: 200, failure: null });
    expect(bodyOf(result)).toBe('shop.internal');
  });

  it('at the address that is given, without looking the name up, and names the host all the same', async () => {
    const { port } = await serve(protocol, { host: '127.0.0.1', port: 0 });
    const origin = `http://no-such-host.invalid:${port}`;
    const result = await send(connect(protocol, { origin, address: '127.0.0.1' }));
    expect(bodyOf(result)).toBe(`no-such-host.invalid:${port}`);
  });

  it.each(['127.0.0.1', ...(HAS_IPV6 ? ['::1'] : [])])(
    'at the one address of a name that answers: %s',
    async (host) => {
      const { port } = await serve(protocol, { host, port: 0 });
      resolveTo(['::1', '127.0.0.1']);
      const result = await send(connect(protocol, { origin: `http://shop.test:${port}` }));
      expect(result).toMatchObject({ status: 200, failure: null });
    },
  );

  it('by a name none of whose addresses answers, and is refused once', async () => {
    const { port, stop } = await serve(protocol, { host: '127.0.0.1', port: 0 });
    await stop();
    resolveTo(['::1', '127.0.0.1']);
    const result = await send(connect(protocol, { origin: `http://shop.test:${port}` }));
    expect(outcomeOf(result)).toMatchObject({ kind: 'lost', cause: 'refused' });
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'])(
    'by a name that cannot be looked up (%s), and is not sent',
    async (code) => {
      vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: object, done: (error: Error) => void) => {
        process.nextTick(done, Object.assign(new Error(`getaddrinfo ${code}`), { code, syscall: 'getaddrinfo' }));
      }) as never);
      const result = await send(connect(protocol, { origin: 'http://shop.test' }));
      expect(outcomeOf(result)).toEqual({ kind: 'unsent', cause: 'dns', detail: code });
    },
  );

  it('where nobody listens, and is refused', async () => {
    const { port, stop } = await serve(protocol, { host: '127.0.0.1', port: 0 });
    await stop();
    const connection = connect(protocol, { origin: `http://127.0.0.1:${port}` });
    const result = await send(connection);
    expect(result).toMatchObject({ writtenAt: null, failure: { how: 'connecting', code: 'ECONNREFUSED' } });
    expect(outcomeOf(result)).toMatchObject({ kind: 'lost', cause: 'refused', detail: 'ECONNREFUSED' });
    expect(connection).toMatchObject({ gone: true, requests: 0 });
  });

  it('where no socket is, and is refused', async () => {
    const socketPath = join(tmpdir(), 'zdd-no-such.sock');
    const result = await send(connect(protocol, { origin: 'http://shop.internal', socketPath }));
    expect(outcomeOf(result)).toEqual({ kind: 'lost', cause: 'refused', status: null, detail: 'ENOENT' });
  });

  it('where nobody answers, until its time runs out', async () => {
    const connection = connect(protocol, { origin: `http://${NOBODY}` });
    const { pending, result } = begin(connection);
    pending.expire();
    const { failure, writtenAt } = await result;
    expect(writtenAt).toBeNull();
    expect(failure).toEqual({ how: 'expired', while: 'connecting' });
    expect(connection.gone).toBe(true);
  });

  it('by a name that does not exist, and is not sent', async () => {
    const result = await send(connect(protocol, { origin: 'http://no-such-host.invalid' }));
    expect(outcomeOf(result)).toMatchObject({ kind: 'unsent', cause: 'dns' });
  });

  it('by a name that is still being looked up when its time runs out, and is not sent', async () => {
    const { pending, result } = begin(connect(protocol, { origin: 'http://no-such-host.invalid' }));
    pending.expire();
    expect((await result).failure).toEqual({ how: 'expired', while: 'resolving' });
    expect(outcomeOf(await result)).toMatchObject({ kind: 'unsent', cause: 'dns' });
  });

  it('at a port where a server closes at once, and fails once', async () => {
    const { port } = await listen(
      createTcp((socket) => socket.destroy()),
      { host: '127.0.0.1', port: 0 },
    );
    const result = await send(connect(protocol, { origin: `http://127.0.0.1:${port}` }));
    expect(['closed', 'reset']).toContain(result.failure?.how);
  });

  it('directly, whatever proxies the environment names', async () => {
    let proxied = 0;
    const proxy = await listen(
      createTcp((socket) => {
        proxied += 1;
        socket.destroy();
      }),
      { host: '127.0.0.1', port: 0 },
    );
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) {
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
      vi.stubEnv(name.toLowerCase(), `http://127.0.0.1:${proxy.port}`);
    }
    vi.stubEnv('NO_PROXY', '');
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    const { port } = await serve(protocol, { host: '127.0.0.1', port: 0 });
    expect(await send(connect(protocol, { origin: `http://127.0.0.1:${port}` }))).toMatchObject({ status: 200 });
    expect(proxied).toBe(0);
  });
});

function connect(protocol: Endpoint['protocol'], part: Partial<Endpoint> & { origin: string }): Connection {
  const endpoint: Endpoint = { ...endpointOf(part.origin), protocol, ...part };
  const connection = connectionTo(
    endpoint,
    1,
    () => performance.now(),
    () => {},
  );
  cleanups.push(() => connection.destroy());
  return connection;
}

/** What the resolver of the machine says of every name. */
function resolveTo(addresses: string[]): void {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: object, done: (...args: unknown[]) => void) => {
    process.nextTick(done, null, all);
  }) as never);
}

function outcomeOf(result: Exchange): ReturnType<typeof classify> {
  return classify({ method: 'GET', expect: { statuses: null, body: null, json: [], headers: [] } }, result, 'strict');
}

/** Answers with the host that it was asked for. */
function serve(protocol: Endpoint['protocol'], where: ListenOptions): Promise<Listening> {
  const answer = ((request, response) => {
    response.end(request.headers.host ?? request.headers[':authority']);
  }) as RequestListener;
  return listen(protocol === 'h2' ? createH2(answer as never) : createServer(answer), where);
}

interface Listening {
  port: number;
  stop(): Promise<void>;
}

async function listen(server: Server, where: ListenOptions): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(where, resolve));
  const address = server.address();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    stopped ??= new Promise((resolve) => server.close(() => resolve()));
    return stopped;
  };
  cleanups.push(stop);
  return { port: address !== null && typeof address === 'object' ? address.port : 0, stop };
}
