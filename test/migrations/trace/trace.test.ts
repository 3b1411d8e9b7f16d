import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../../src/platform/postgres-server.ts';
import { SERVERS, SLOW_MS, sql, traced } from './servers.ts';

const SCHEMA = `
create type state as enum ('new', 'paid');
create domain amount as numeric(10, 2);
create table users (id bigserial primary key, email text not null unique, name varchar(40), age int check (age >= 0));
create table orders (id bigserial primary key, user_id bigint not null references users (id), total amount not null default 0,
  state state not null, note text, kind text check (kind in ('a', 'b')), placed_at timestamptz not null default now());
create materialized view totals as select user_id, sum(total) as total from orders group by user_id;
create table metrics (day date not null, value int) partition by range (day);
create table metrics_rest partition of metrics default;`;

const READS = [
  'select id, total from orders where id = $1',
  'select email from users where id = $1',
  'select total from totals where user_id = $1',
  'select value from metrics where day = $1',
];
const QUERIES = [...READS, 'update orders set total = $1 where id = $2', 'update users set name = $1 where id = $2'];

interface Case {
  what: string;
  up: string;
  old?: string[];
  /** Rules of the errors that the trace itself finds; the static check may add its own. */
  errors: string[];
}

/** Errors of the trace; what is not in here is safe. */
const CASES: readonly Case[] = [
  { what: 'a column more', up: 'alter table orders add column remark text', old: QUERIES, errors: [] },
  {
    what: 'a column more under a prepared SELECT *',
    up: 'alter table orders add column remark text',
    old: ['select * from orders where id = $1'],
    errors: ['prepared-query-fails'],
  },
  {
    what: 'a default that differs from row to row',
    up: 'alter table orders add column code uuid default gen_random_uuid()',
    old: QUERIES,
    errors: ['table-rewritten'],
  },
  { what: 'an index', up: 'create index on orders (placed_at)', old: QUERIES, errors: ['index-built-under-lock'] },
  {
    what: 'an index built concurrently',
    up: 'create index concurrently i on orders (placed_at)',
    old: QUERIES,
    errors: [],
  },
  {
    what: 'an index built concurrently in a transaction',
    up: 'begin; create index concurrently i on orders (placed_at); commit',
    old: QUERIES,
    errors: ['statement-fails'],
  },
  { what: 'SET NOT NULL', up: 'alter table orders alter note set not null', old: QUERIES, errors: ['scan-under-lock'] },
  {
    what: 'SET NOT NULL behind a constraint that was validated',
    up: `alter table orders add constraint c check (note is not null) not valid; alter table orders validate constraint c;
      alter table orders alter note set not null; alter table orders drop constraint c`,
    old: QUERIES,
    errors: [],
  },
  {
    what: 'a column that old INSERTs leave out and that may not be NULL',
    up: `alter table orders add constraint c check (note is not null) not valid; alter table orders validate constraint c;
      alter table orders alter note set not null; alter table orders drop constraint c`,
    old: ['insert into orders (user_id, state) values ($1, $2)'],
    errors: ['old-query-fails'],
  },
  {
    what: 'all rows in one UPDATE',
    up: "update orders set note = 'x'",
    old: QUERIES,
    errors: ['locks-many-rows', 'unbatched-write'],
  },
  {
    what: 'all rows in a block',
    up: "do $$ begin update orders set note = 'x'; end $$",
    old: QUERIES,
    errors: ['locks-many-rows', 'unbatched-write'],
  },
  {
    what: 'rows of one batch',
    up: "update orders set note = 'x' where id between 1 and 100; update orders set note = 'x' where id between 101 and 200",
    old: QUERIES,
    errors: [],
  },
  {
    what: 'a view that is refreshed',
    up: 'refresh materialized view totals',
    old: QUERIES,
    errors: ['table-rewritten'],
  },
  { what: 'VACUUM FULL', up: 'vacuum full orders', old: QUERIES, errors: ['table-rewritten'] },
  {
    what: 'a slow query while a lock is held',
    up: "begin; alter table orders add column x int; select count(*) from orders where note like '%9%'; commit",
    old: QUERIES,
    errors: ['slow-under-lock'],
  },
  { what: 'a column that is dropped and not used', up: 'alter table users drop column age', old: QUERIES, errors: [] },
  {
    what: 'a column that is dropped and used',
    up: 'alter table users drop column age',
    old: ['select age from users where id = $1'],
    errors: ['old-query-fails'],
  },
  {
    what: 'a foreign key',
    up: 'alter table orders add constraint f foreign key (id) references users (id)',
    old: QUERIES,
    errors: ['scan-under-lock', 'scan-under-lock'],
  },
  {
    what: 'a foreign key that is not validated yet',
    up: 'alter table orders add constraint f foreign key (id) references users (id) not valid',
    old: QUERIES,
    errors: [],
  },
  {
    what: 'a foreign key that is validated in the same transaction',
    up: `begin; alter table orders add constraint f foreign key (id) references users (id) not valid;
      alter table orders validate constraint f; commit`,
    old: QUERIES,
    errors: ['scan-under-lock', 'slow-under-lock'],
  },
  {
    what: 'a constraint of a domain',
    up: 'alter domain amount add constraint positive check (value >= 0)',
    old: QUERIES,
    errors: ['scan-under-lock'],
  },
  {
    what: 'an index of a table that no query touches',
    up: 'create index on users (name)',
    old: ['select id from orders'],
    errors: [],
  },
  {
    what: 'an index of another table while a lock is held',
    up: 'begin; alter table orders add column x int; create index on users (name); commit',
    old: ['select id from orders'],
    errors: ['slow-under-lock', 'slow-while-locked'],
  },
  {
    what: 'an index of a table that is only read by the queries that were given',
    up: 'create index on users (name)',
    old: ['select id from users'],
    errors: ['index-built-under-lock'],
  },
  {
    what: 'a partition beside a default one that holds rows',
    up: "create table metrics_2030 partition of metrics for values from ('2030-01-01') to ('2031-01-01')",
    old: QUERIES,
    // The table above waits as well.
    errors: ['scan-under-lock', 'slow-under-lock'],
  },
  {
    what: 'rows of which none happens to meet the condition',
    up: "delete from orders where placed_at < '2000-01-01'",
    old: QUERIES,
    errors: ['unbatched-write'],
  },
  {
    what: 'a batch with a limit above the smaller size',
    up: "update orders set note = 'x' where id in (select id from orders limit 2000)",
    old: QUERIES,
    errors: [],
  },
  {
    what: 'a table that is emptied in a block',
    up: 'do $$ begin truncate orders; end $$',
    old: ['select id from orders'],
    errors: [],
  },
  {
    what: 'a procedure that changes all rows in batches',
    up: `create procedure fill() language plpgsql as $$ declare first int := 0; begin
      while first <= (select max(id) from orders) loop
        update orders set note = 'x' where id >= first and id < first + 300;
        commit;
        first := first + 300;
      end loop; end $$;
      call fill()`,
    old: QUERIES,
    errors: [],
  },
  {
    what: 'the index of an upsert',
    up: 'alter table users drop constraint users_email_key',
    old: ["insert into users (email) values ($1) on conflict (email) do update set name = 'x'"],
    errors: ['old-query-fails'],
  },
  {
    what: 'a table of its own, filled and indexed',
    up: `create table copies (id bigint, note text); insert into copies select id, note from orders;
      create index on copies (id); alter table copies alter id set not null`,
    old: QUERIES,
    errors: [],
  },
];

describe.each(SERVERS)('a migration on $name', ({ bin }) => {
  let own: PostgresServer;
  beforeAll(async () => {
    own = await startPostgres({ bin: await bin() });
  }, SLOW_MS);
  afterAll(() => own?.stop(), SLOW_MS);
  const schema = [sql(SCHEMA, 'schema.sql')];

  it.each(CASES)(
    'that has $what',
    async ({ up, old, errors }) => {
      const trace = await traced(own, { up, schema, ...(old === undefined ? {} : { old }) });
      const found = trace.findings.filter(({ severity, rule }) => severity === 'error' && OWN_RULES.has(rule));
      expect(found.map(({ rule }) => rule).sort()).toEqual(errors);
      expect(trace.verdict).toBe(errors.length === 0 ? 'safe' : 'unsafe');
      expect(trace.oldQueries).toHaveLength(old?.length ?? 0);
    },
    SLOW_MS,
  );

  it(
    'is told statement by statement, with the strongest locks and their times',
    async () => {
      const up = `begin;\nset local lock_timeout = '2s';\nalter table users add column x int;\ncommit;`;
      const trace = await traced(own, { up, schema, old: READS });
      expect(trace.statements.map(({ sql: text }) => text)).toEqual([
        'begin',
        "set local lock_timeout = '2s'",
        'alter table users add column x int',
        'commit',
      ]);
      expect(trace.statements[2]).toMatchObject({
        locks: [{ relation: 'users', mode: 'ACCESS EXCLUSIVE' }],
        error: null,
      });
      expect(trace.sizes.map(({ rows }) => rows)).toEqual([300, 6000]);
      for (const { durationMs, blockingMs } of trace.sizes) {
        expect(blockingMs).toBeGreaterThan(0);
        expect(durationMs).toBeGreaterThanOrEqual(blockingMs);
      }
    },
    SLOW_MS,
  );

  it(
    'that is silenced by a setting is still seen',
    async () => {
      const up = 'set client_min_messages = warning; alter table orders alter note set not null';
      const trace = await traced(own, { up, schema, old: READS });
      expect(trace.statements[1]?.scanned).toEqual(['orders']);
    },
    SLOW_MS,
  );

  it(
    'stays as it is where it fails, and the finding names the place',
    async () => {
      const up = 'alter table users add column x int;\n  alter table nobody add column x int;';
      const trace = await traced(own, { up, schema });
      expect(trace.findings.find(({ rule }) => rule === 'statement-fails')).toMatchObject({
        file: 'up.sql',
        line: 2,
        column: 3,
        severity: 'error',
        message: expect.stringContaining('relation "nobody" does not exist'),
      });
      expect(trace.statements[1]?.error).toBe('42P01: relation "nobody" does not exist');
    },
    SLOW_MS,
  );

  it(
    'leaves an index behind that is invalid',
    async () => {
      const up = 'create unique index concurrently one_kind on orders (kind)';
      const rows = `${SCHEMA} insert into users (email) values ('a'); insert into orders (user_id, state, kind) values (1, 'new', 'a'), (1, 'new', 'a');`;
      const trace = await traced(own, { up, schema: [sql(rows, 'schema.sql')] });
      expect(trace.invalidIndexes).toEqual(['one_kind']);
      expect(trace.findings.map(({ rule }) => rule)).toContain('invalid-index-left');
      expect(trace.verdict).toBe('unsafe');
    },
    SLOW_MS,
  );

  it(
    'that fails by values that were made up is tried again without rows',
    async () => {
      const trace = await traced(own, {
        up: 'create unique index concurrently one_kind on orders (kind)',
        schema,
        old: READS,
      });
      expect(trace.sizes.map(({ rows }) => rows)).toEqual([0]);
      expect(trace.findings.find(({ rule }) => rule === 'fails-by-values')?.severity).toBe('warning');
      expect(trace.verdict).toBe('safe');
    },
    SLOW_MS,
  );

  it(
    'goes back, and the queries of both releases are tried again',
    async () => {
      const trace = await traced(own, {
        up: 'alter table users add column nick text',
        down: sql('alter table users drop column nick', 'down.sql'),
        schema,
        old: ['select id from users'],
        new: ['select nick from users', 'select email from users'],
      });
      expect(trace.down?.statements.map(({ sql: text }) => text)).toEqual(['alter table users drop column nick']);
      expect(trace.down?.newQueries.map(({ error }) => error)).toEqual(['42703: column "nick" does not exist', null]);
      expect(trace.down?.oldQueries).toEqual([{ id: null, sql: 'select id from users', error: null }]);
      expect(trace.findings.filter(({ severity }) => severity === 'error')).toMatchObject([
        { rule: 'rollback-new-query-fails', file: 'down.sql', line: 1 },
      ]);
    },
    SLOW_MS,
  );

  it(
    'runs its files in a transaction each where that is asked for',
    async () => {
      const up = "alter table orders add column x int; update orders set note = 'x' where id = 1";
      const apart = await traced(own, { up, schema, old: READS });
      const together = await traced(own, { up, schema, old: READS, transaction: 'per-file' });
      expect(apart.statements.map(({ sql: text }) => text)).not.toContain('BEGIN');
      expect(together.statements.map(({ sql: text }) => text)).toEqual(expect.arrayContaining(['BEGIN', 'COMMIT']));
    },
    SLOW_MS,
  );

  it(
    'says what it did not see',
    async () => {
      const odd = `create table shapes (id int primary key, hole polygon not null); create table t (id int)`;
      const trace = await traced(own, {
        up: 'alter table t add column x int',
        schema: [sql(odd)],
        old: ['select nothing'],
      });
      expect(trace.unseen.join('\n')).toContain('no value is known for hole polygon');
      expect(trace.unseen.join('\n')).toContain('the query select nothing fails on its own schema already');
      expect(trace.oldQueries).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'forecasts the wait with the rows of production',
    async () => {
      const up = 'alter table orders add column code uuid default gen_random_uuid()';
      const trace = await traced(own, { up, schema, old: READS, productionRows: 10_000_000 });
      expect(trace.findings.find(({ rule }) => rule === 'table-rewritten')?.message).toMatch(
        /about .* with 10000000\.$/,
      );
    },
    SLOW_MS,
  );
});

const OWN_RULES = new Set([
  'table-rewritten',
  'scan-under-lock',
  'index-built-under-lock',
  'slow-under-lock',
  'blocks-while-it-grows',
  'locks-many-rows',
  'statement-fails',
  'old-query-fails',
  'prepared-query-fails',
  'unbatched-write',
  'slow-while-locked',
]);
