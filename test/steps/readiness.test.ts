import { createServer, type Server } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { clockSince, monotonicNs } from '../../src/platform/clock.js';
import { awaitReady } from '../../src/steps/readiness.js';
import type { ReadinessCheck } from '../../src/steps/step.js';
import { type Endpoint, endpointOf } from '../../src/wire/endpoint.js';
import { emptyFolder } from '../setup/empty-folder.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server that answers `status` and keeps what it was asked for. */
async function serve(
  status: () => number,
  where: ListenOptions = { port: 0, host: '127.0.0.1' },
  version: () => string | null = () => null,
) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.host}${request.url}`);
    const said = version();
    response.writeHead(status(), said === null ? {} : { 'x-release': said }).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(where, resolve));
  return { asked, port: (server.address() as AddressInfo).port };
}

function check(path: string, endpoint: Endpoint | null = null): ReadinessCheck {
  return {
    method: 'GET',
    path,
    headers: {},
    body: null,
    expect: { statuses: [200], body: null, json: [], headers: [] },
    endpoint,
    version: null,
  };
}

function open(checks: ReadinessCheck[], main: Endpoint, { consecutive = 1, withinMs = 5000 } = {}) {
  const seen: boolean[] = [];
  const result = awaitReady(
    { checks, consecutive, withinMs, intervalMs: 10 },
    {
      endpoint: main,
      userAgent: 'test',
      timeoutMs: 1000,
      clock: clockSince(monotonicNs()),
      signal: new AbortController().signal,
      onCheck: ({ ok }) => seen.push(ok),
    },
  );
  return { result, seen };
}

describe('a readiness gate', () => {
  it('asks each check where it belongs: the main service, another one at a Unix socket, or somewhere else', async () => {
    const main = await serve(() => 200);
    const socketPath = join(await emptyFolder(), 'api.sock');
    const api = await serve(() => 200, { path: socketPath });
    const other = await serve(() => 200);
    const { result } = open(
      [
        check('/up'),
        check('/ready', { ...endpointOf('http://api.internal'), socketPath }),
        check(`http://127.0.0.1:${other.port}/x`),
      ],
      endpointOf(`http://127.0.0.1:${main.port}`),
    );
    expect(await result).toEqual({ ready: true, detail: '1 in a row' });
    expect(main.asked).toEqual([`127.0.0.1:${main.port}/up`]);
    expect(api.asked).toEqual(['api.internal/ready']);
    expect(other.asked).toEqual([`127.0.0.1:${other.port}/x`]);
  });

  it('begins to count anew after a failure', async () => {
    const statuses = [200, 503, 200, 200];
    const main = await serve(() => statuses.shift() ?? 500);
    const { result, seen } = open([check('/')], endpointOf(`http://127.0.0.1:${main.port}`), { consecutive: 2 });
    expect((await result).ready).toBe(true);
    expect(seen).toEqual([true, false, true, true]);
  });

  it('stays closed where the answer is another one, and says which', async () => {
    const main = await serve(() => 503);
    const { result } = open([check('/')], endpointOf(`http://127.0.0.1:${main.port}`), { withinMs: 500 });
    expect(await result).toEqual({
      ready: false,
      detail: expect.stringContaining('0/1 in a row, last: GET /: unexpected-status'),
    });
  });

  it('that asks for a version opens when every answer in a row says it', async () => {
    const versions = ['v1', 'v2', 'v1', null, 'v2', 'v2', 'v2'];
    const main = await serve(
      () => 200,
      undefined,
      () => versions.shift() ?? null,
    );
    const asks: ReadinessCheck = {
      ...check('/'),
      version: { expected: 'v2', from: { from: 'header', name: 'x-release' } },
    };
    const { result, seen } = open([asks], endpointOf(`http://127.0.0.1:${main.port}`), { consecutive: 3 });
    expect((await result).ready).toBe(true);
    expect(seen).toEqual([false, true, false, false, true, true, true]);
  });

  it('that asks for a version says which one answered instead', async () => {
    const main = await serve(
      () => 200,
      undefined,
      () => 'v10',
    );
    const asks: ReadinessCheck = {
      ...check('/'),
      version: { expected: /^v2/, from: { from: 'header', name: 'x-release' } },
    };
    const { result } = open([asks], endpointOf(`http://127.0.0.1:${main.port}`), { withinMs: 500 });
    expect((await result).detail).toBe('0/1 in a row, last: GET /: version v10');
  });
});
