import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillTables } from '../../../src/migrations/trace/fill.ts';
import { type PostgresServer, startPostgres } from '../../../src/platform/postgres-server.ts';
import { SERVERS, SLOW_MS } from './servers.ts';

const SCHEMA = `
create schema sales;
create type state as enum ('new', 'it''s paid');
create domain positive as int check (value > 0);
create table regions (code char(3) primary key, name varchar(10) not null unique);
create table sales.people (id int generated always as identity primary key, boss int references sales.people (id),
  region char(3) not null references regions, mail text not null check (mail like '%@%'), tags text[] not null,
  kind text not null check (kind in ('a', 'b')), small smallint not null, flag boolean not null, at timestamptz not null,
  day date not null, id2 uuid not null unique, data jsonb not null, price numeric(6, 2) not null, age positive not null,
  state state not null, span int4range not null, ip inet not null, raw bytea not null, took interval not null,
  twice int generated always as (small * 2) stored);
create table pairs (region char(3) references regions, person int references sales.people (id), primary key (region, person));
create table events (at date not null, n int not null) partition by range (at);
create table events_all partition of events default;
create table counters (id serial primary key, n int not null default 0);
create table seeded (id int primary key, word text not null);
insert into seeded values (1, 'mine');`;

describe.each(SERVERS)('tables on $name', ({ bin }) => {
  let server: PostgresServer;
  let client: pg.Client;
  beforeAll(async () => {
    server = await startPostgres({ bin: await bin() });
    client = new pg.Client({ host: server.host, port: server.port, user: server.user, database: 'postgres' });
    await client.connect();
  }, SLOW_MS);
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  }, SLOW_MS);

  it(
    'are filled by their types, constraints and keys, and keep what they have',
    async () => {
      await client.query(SCHEMA);
      expect(await fillTables(client, 500)).toEqual([]);
      const names = ['regions', 'sales.people', 'pairs', 'events', 'counters', 'seeded'];
      for (const name of names) {
        const { rows } = await client.query(`select count(*)::int as n from ${name}`);
        expect([name, rows[0].n]).toEqual([name, 500]);
      }
      const { rows } = await client.query('select word from seeded where id = 1');
      expect(rows).toEqual([{ word: 'mine' }]);
      // Checks and keys were not tried while it was filled.
      await client.query('alter table pairs add constraint again foreign key (person) references sales.people (id)');
      await client.query(
        "alter table sales.people add constraint again check (kind in ('a', 'b') and mail like '%@%' and age > 0)",
      );
    },
    SLOW_MS,
  );
});
