import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Pool } from '../../src/engine/pool.js';
import type { Connection } from '../../src/wire/connection.js';
import { endpointOf } from '../../src/wire/endpoint.js';

let server: Server;
let announcesClose: boolean;
let now: number;
let pool: Pool;

beforeEach(async () => {
  announcesClose = false;
  server = createServer((_request, response) => {
    response.writeHead(200, announcesClose ? { connection: 'close' } : {}).end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  now = 0;
  let made = 0;
  const endpoint = endpointOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const nextId = () => {
    made += 1;
    return made;
  };
  pool = new Pool(
    endpoint,
    3,
    nextId,
    () => now,
    () => {},
  );
});
afterEach(async () => {
  pool.closeAll();
  await new Promise((resolve) => server.close(resolve));
});

/** One request, 10 ms after the one before; the number of its connection. */
async function turn(): Promise<number> {
  now += 10;
  const connection: Connection = pool.keepalive();
  await new Promise<void>((resolve) => {
    connection.exchange({ method: 'GET', target: '/', headers: {}, body: null, keepBody: false }, () => resolve());
  });
  pool.release(connection);
  return connection.id;
}

async function turns(count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let index = 0; index < count; index += 1) ids.push(await turn());
  return ids;
}

it('fills the pool, then uses the connection that waits longest', async () => {
  expect(await turns(7)).toEqual([1, 2, 3, 1, 2, 3, 1]);
});

it('lets no connection wait longer than its turn while the server ends one after the other', async () => {
  await turns(6);
  announcesClose = true;
  expect(await turns(4)).toEqual([1, 2, 3, 4]);
});

it('fills the pool again when the server keeps connections again', async () => {
  await turns(6);
  announcesClose = true;
  await turns(3);
  announcesClose = false;
  expect(await turns(5)).toEqual([4, 5, 6, 4, 5]);
});
