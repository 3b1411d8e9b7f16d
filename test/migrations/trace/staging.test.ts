import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { MigrationTrace } from '../../../src/model/migrations.ts';
import { type PostgresServer, startPostgres } from '../../../src/platform/postgres-server.ts';
import { SERVERS, SLOW_MS, traced } from './servers.ts';

describe.each(SERVERS)('a database with staging data on $name', ({ bin }) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ bin: await bin() });
    await query('postgres', 'create role plain login; create role owner login createdb');
  }, SLOW_MS);
  afterAll(() => server?.stop(), SLOW_MS);

  const connect = async (database: string) => {
    const client = new pg.Client({ host: server.host, port: server.port, user: server.user, database });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const query = async (database: string, sql: string) => {
    const client = await connect(database);
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  beforeEach(async () => {
    await query('postgres', 'drop database if exists staging');
    await query('postgres', 'create database staging owner owner');
    await query(
      'staging',
      `create table orders (id int primary key, note text); insert into orders select n, n from generate_series(1, 4000) n;
       alter table orders owner to owner; analyze`,
    );
  }, SLOW_MS);

  const trace = (up: string, { user = 'postgres', inPlace = false } = {}): Promise<MigrationTrace> =>
    traced(server, {
      up,
      old: ['select id, note from orders where id = $1'],
      server: { database: `postgresql://${user}@/staging?host=${encodeURIComponent(server.host)}`, inPlace },
    });
  const columns = async () =>
    (await query('staging', "select column_name as c from information_schema.columns where table_name = 'orders'"))
      .length;

  it(
    'is worked on as a copy, with the rows that it has',
    async () => {
      const { sizes, verdict, oldQueries, unseen } = await trace('alter table orders add column x int');
      expect(sizes.map(({ rows }) => rows)).toEqual([4000]);
      expect(verdict).toBe('safe');
      expect(oldQueries).toMatchObject([{ error: null }]);
      expect(unseen).toEqual([]);
      expect(await columns()).toBe(2);
      const left = await query('postgres', "select datname from pg_database where datname like 'zdd_verify%'");
      expect(left).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'keeps rows locked where one UPDATE writes them all',
    async () => {
      const { findings } = await trace("update orders set note = 'x'");
      expect(findings.map(({ rule }) => rule)).toContain('locks-many-rows');
    },
    SLOW_MS,
  );

  it(
    'is changed itself where that is asked for, and nothing of ours is left in it',
    async () => {
      expect((await trace('alter table orders add column x int', { inPlace: true })).verdict).toBe('safe');
      expect(await columns()).toBe(3);
      expect(await query('staging', 'select evtname from pg_event_trigger')).toEqual([]);
      expect(await query('staging', "select nspname from pg_namespace where nspname = 'zdd_verify'")).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'is not touched while others are connected',
    async () => {
      const other = await connect('staging');
      onTestFinished(() => other.end());
      await expect(trace('select 1', { inPlace: true })).rejects.toThrow(/1 other session/);
      await expect(trace('select 1')).rejects.toMatchObject({
        hint: expect.stringContaining('nobody else is connected'),
      });
    },
    SLOW_MS,
  );

  it(
    'needs a right to be copied, which is named',
    async () => {
      await expect(trace('select 1', { user: 'plain' })).rejects.toMatchObject({
        message: expect.stringContaining('permission denied'),
        hint: expect.stringContaining('CREATEDB'),
      });
    },
    SLOW_MS,
  );

  it('without a superuser tells what could not be seen, and still what it can', {
    timeout: SLOW_MS,
  }, async () => {
    const built = await trace('create index i on orders (note)', { user: 'owner' });
    expect(built.unseen.join('\n')).toContain('event triggers need a superuser');
    expect(built.unseen.join('\n')).toContain('auto_explain needs a superuser');
    expect(built.statements[0], JSON.stringify(built.findings)).toMatchObject({
      built: ['i'],
      locks: [{ relation: 'orders', mode: 'SHARE' }],
    });
    expect(built.verdict).toBe('unsafe');
    expect((await trace('alter table orders add column x int', { user: 'owner' })).verdict).toBe('safe');
  });

  it(
    'that cannot be reached is named without its password',
    async () => {
      const gone = traced(server, {
        up: 'select 1',
        server: { database: 'postgresql://me:hunter22@127.0.0.1:1/staging', inPlace: false },
      });
      await expect(gone).rejects.toThrow(/no connection to .* 127\.0\.0\.1:1/);
      await expect(gone).rejects.not.toThrow(/hunter22/);
    },
    SLOW_MS,
  );
});
