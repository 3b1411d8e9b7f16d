import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Place, placeOf } from '../../../src/migrations/trace/place.ts';
import { startProxy, type TraceProxy, urlOf } from '../../../src/migrations/trace/proxy.ts';
import { type PostgresServer, startPostgres } from '../../../src/platform/postgres-server.ts';
import { SERVERS, SLOW_MS, systemPostgres } from './servers.ts';

let server: PostgresServer;
let place: Place;
let proxy: TraceProxy;
const clients: pg.Client[] = [];
let idle: boolean[] = [];

beforeAll(async () => {
  server = await startPostgres({ bin: await SERVERS[0]!.bin() });
  place = await placeOf({ own: server });
}, SLOW_MS);
afterAll(async () => {
  await place?.close();
  await server?.stop();
}, SLOW_MS);
beforeEach(async () => {
  idle = [];
  proxy = await startProxy({
    connect: (settings) => place.connect('postgres', new Map([...settings, ['client_min_messages', 'debug1']])),
    onIdle: async (_, __, inTransaction) => void idle.push(inTransaction),
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end().catch(() => {});
  await proxy.close();
});

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  clients.push(client);
  await client.connect();
  return client;
}

describe('between a client and the server', { timeout: SLOW_MS }, () => {
  it('answers arrive as they are, also large ones, and the statements are told', async () => {
    const client = await connected(urlOf(proxy));
    const { rows } = await client.query('select n, repeat($1, 1000) as t from generate_series(1, 5000) n', ['x']);
    expect(rows).toHaveLength(5000);
    expect(rows[4999]).toEqual({ n: 5000, t: 'x'.repeat(1000) });
    await client.query('begin; select 1');
    await expect(client.query('select nothing')).rejects.toMatchObject({ code: '42703', position: '8' });
    await client.query('rollback');
    expect(proxy.statements().map(({ tag, error }) => tag ?? error?.code)).toEqual([
      'SELECT 5000',
      'BEGIN',
      'SELECT 1',
      '42703',
      'ROLLBACK',
    ]);
    // After the failure the transaction is over but for its ROLLBACK.
    expect(idle).toEqual([false, true, false, false]);
  });

  it('any name is taken for the user and the database, and the settings of the client hold', async () => {
    const url = new URL(urlOf(proxy));
    url.username = 'shop';
    url.pathname = '/shop';
    url.searchParams.set('options', '-c work_mem=7MB');
    url.searchParams.set('application_name', 'some tool');
    const client = await connected(url.href);
    const { rows } = await client.query(
      "select current_setting('work_mem') as m, current_setting('application_name') as a, current_database() as d",
    );
    expect(rows).toEqual([{ m: '7MB', a: 'some tool', d: 'postgres' }]);
  });

  it('nobody passes without the password', async () => {
    const url = new URL(urlOf(proxy));
    url.password = `${proxy.password.slice(0, -1)}x`;
    await expect(connected(url.href)).rejects.toMatchObject({ code: '28P01' });
    expect(proxy.statements()).toEqual([]);
  });

  it('something else than PostgreSQL is turned away', async () => {
    const socket = createConnection(proxy.port, proxy.host);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed;
  });

  it('notices for us are kept back, and others are passed on', async () => {
    const client = await connected(urlOf(proxy));
    const heard: (string | undefined)[] = [];
    client.on('notice', ({ message }) => heard.push(message));
    await client.query("do $$ begin raise debug 'for us'; raise notice 'for all'; end $$");
    await client.query('set client_min_messages = warning');
    await client.query("do $$ begin raise debug 'for us still'; end $$");
    expect(heard).toEqual(['for all']);
    const told = proxy.statements().flatMap(({ notices }) => notices.map(({ message }) => message));
    expect(told).toEqual(['for us', 'for all', 'for us still']);
  });

  it('what runs is ended with everything else', async () => {
    const client = await connected(urlOf(proxy));
    const sleeping = client.query('select pg_sleep(600)').catch((error: Error) => error);
    while (proxy.sessions.values().next().value?.current === null)
      await new Promise((resolve) => setImmediate(resolve));
    await proxy.abort();
    expect(await sleeping).toBeInstanceOf(Error);
    const side = await place.connect('postgres');
    clients.push(side);
    const { rows } = await side.query(
      "select count(*)::int as n from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'",
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  const bin = systemPostgres();
  it.runIf(bin !== null)("the system's own client works, with COPY", async () => {
    const psql = spawn(`${bin}/psql`, ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', urlOf(proxy)], { stdio: 'pipe' });
    psql.stdin.end('create temp table t (i int);\ncopy t from stdin;\n1\n2\n\\.\nselect sum(i) from t;\n');
    const [out, failed] = await Promise.all([text(psql.stdout), text(psql.stderr), once(psql, 'close')]);
    expect({ out, failed }).toEqual({ out: '3\n', failed: '' });
    expect(proxy.statements().map(({ tag }) => tag)).toEqual(['CREATE TABLE', 'COPY 2', 'SELECT 1']);
  });
});
