import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LockWaitBegun } from '../../src/model/watch.js';
import { type Seen, type Watched, watching } from './drive.ts';
import { type PostgresServer, postgresPrograms, startPostgres } from './postgres-server.ts';

const programs = postgresPrograms();
const SETTINGS = ['max_connections=20', 'log_lock_waits=on', 'deadlock_timeout=50ms', "log_line_prefix='%p|'"];

async function connected(server: PostgresServer, application: string, user = 'postgres'): Promise<pg.Client> {
  const url = server.url.replace('//postgres@', `//${user}@`);
  const client = new pg.Client({ connectionString: url, application_name: application });
  client.on('error', () => {});
  onTestFinished(() => client.end().catch(() => {}));
  await client.connect();
  return client;
}

async function withOrders(settings: readonly string[] = []) {
  const server = startPostgres(programs as string, [...SETTINGS, ...settings]);
  const admin = await connected(server, 'admin');
  await admin.query(`create table orders (id int primary key, note text);
    insert into orders select n, 'note' from generate_series(1, 100) n`);
  return { server, admin };
}

/** What is known of each wait at last. */
function waits(watched: Watched): (LockWaitBegun & { end: Seen<'lock-wait-ended'> | null })[] {
  const known = new Map<string, LockWaitBegun>();
  for (const wait of watched.all('lock-wait')) known.set(`${wait.pid} ${wait.since}`, wait);
  return [...known.values()].map((wait) => ({
    ...wait,
    end: watched.all('lock-wait-ended').find(({ pid, since }) => pid === wait.pid && since === wait.since) ?? null,
  }));
}

const pidOf = async (client: pg.Client): Promise<number> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid as number;

/** `acquired ... after N ms` of the server's log, by process. */
function acquired(log: string): Map<number, number> {
  const lines = log.matchAll(/(\d+)\|LOG: {2}process \1 acquired \w+ .* after ([\d.]+) ms/g);
  return new Map([...lines].map(([, pid, ms]) => [Number(pid), Number(ms)]));
}

/** Lengths of the waits against what the server's own log says of them, ms. */
function errors(watched: Watched, log: string): number[] {
  const own = acquired(log);
  return waits(watched).flatMap(({ pid, since, end }) => {
    const ms = own.get(pid);
    if (ms === undefined || end?.goneAt == null) return [];
    return [(end.seenAt + end.goneAt) / 2 - since - ms];
  });
}

describe.runIf(programs !== null)('locks of a watched PostgreSQL', () => {
  it('shows the queue behind a long reader, as long as the log of the server says', async () => {
    const { server } = await withOrders();
    const [report, migration, app, other] = (await Promise.all(
      ['report', 'migrate', 'shop', 'shop'].map((name) => connected(server, name)),
    )) as [pg.Client, pg.Client, pg.Client, pg.Client];
    const watched = watching('postgres', { url: server.url });
    watched.phase('migrate');
    await watched.sees();
    await report.query('begin; select count(*) from orders');
    const altered = migration.query("alter table orders add column state text default 'secret of a customer'");
    await watched.until('the migration waits', () => watched.all('lock-wait').length === 1);
    const read = Promise.all([app, other].map((client) => client.query("select id from orders where note = 'mine'")));
    await watched.until('the app waits', () => waits(watched).length === 3);
    await watched.until('for a while', () =>
      watched.all('value').some(({ subject, value }) => subject === 'blocked_ms' && value > 300),
    );
    await report.query('commit');
    await Promise.all([altered, read]);
    await watched.until('all is over', () => waits(watched).every(({ end }) => end !== null));
    const [first, ...behind] = waits(watched);
    const reporter = await pidOf(report);
    const migrator = await pidOf(migration);
    expect(first).toMatchObject({
      pid: migrator,
      locktype: 'relation',
      relation: 'orders',
      mode: 'AccessExclusiveLock',
      behind: [reporter],
      waiting: {
        application: 'migrate',
        user: 'postgres',
        statement: "alter table orders add column state text default '…'",
        state: 'active',
      },
      blocker: {
        pid: reporter,
        application: 'report',
        state: 'idle in transaction',
        statement: expect.stringContaining('select count(*) from orders'),
        holds: 'AccessShareLock',
      },
    });
    expect(behind).toHaveLength(2);
    for (const wait of behind) {
      expect(wait).toMatchObject({
        relation: 'orders',
        mode: 'AccessShareLock',
        behind: [migrator],
        waiting: { application: 'shop', statement: "select id from orders where note = '…'" },
        ahead: { pid: migrator },
        blocker: { pid: reporter },
      });
    }
    const found = errors(watched, server.log());
    console.log(`against the log of the server: ${found.map((ms) => `${ms.toFixed(1)} ms`).join(', ')}`);
    expect(found).toHaveLength(3);
    for (const ms of found) expect(Math.abs(ms)).toBeLessThan(250);
    expect(JSON.stringify(watched.events)).not.toMatch(/secret of a customer|'mine'/);
  });

  it('shows a writer behind an index that is built, and one behind a changed row', async () => {
    const { server, admin } = await withOrders();
    const [app, other] = (await Promise.all([connected(server, 'shop'), connected(server, 'shop')])) as [
      pg.Client,
      pg.Client,
    ];
    const watched = watching('postgres', { url: server.url });
    await watched.sees();
    await admin.query('begin; create index on orders (note)');
    const inserted = app.query("insert into orders values (101, 'new')");
    await watched.until('the writer waits', () => watched.all('lock-wait').length > 0);
    await admin.query('rollback');
    await inserted;
    await watched.until('it is over', () => watched.all('lock-wait-ended').length === 1);
    await admin.query('begin; update orders set note = upper(note)');
    const updated = other.query('update orders set note = note where id = 7');
    await watched.until('the other waits', () => waits(watched).length === 2);
    await admin.query('commit');
    await updated;
    const [built, row] = waits(watched);
    expect(built).toMatchObject({
      relation: 'orders',
      mode: 'RowExclusiveLock',
      waiting: { application: 'shop', statement: "insert into orders values (101, '…')" },
      blocker: { application: 'admin', holds: 'ShareLock', statement: expect.stringContaining('create index') },
    });
    expect(row).toMatchObject({
      locktype: 'transactionid',
      relation: 'orders',
      blocker: { application: 'admin', holds: 'RowExclusiveLock', statement: expect.stringContaining('update orders') },
    });
  });

  it('without the right to see others it says so once, and guesses nothing', async () => {
    const { server, admin } = await withOrders();
    await admin.query('create role "Watcher" login; create role app login; grant all on orders to app');
    const app = await connected(server, 'shop', 'app');
    const watched = watching('postgres', { url: server.url.replace('//postgres@', '//Watcher@') });
    await watched.until('it says so', () => watched.all('unseen').length > 0);
    await admin.query('begin; lock table orders');
    const read = app.query('select 1 from orders');
    await watched.until('the app waits', () => watched.all('lock-wait').length > 0);
    await admin.query('rollback');
    await read;
    await watched.until('it is over', () => watched.all('lock-wait-ended').length === 1);
    expect(watched.all('unseen').map(({ detail }) => detail)).toEqual([
      'the statements of other roles: GRANT pg_monitor TO "Watcher"',
    ]);
    expect(waits(watched)[0]).toMatchObject({
      relation: 'orders',
      mode: 'AccessShareLock',
      waiting: { application: 'shop', user: 'app', statement: null, state: null, beganAt: null },
      blocker: { application: 'admin', statement: null, holds: 'AccessExclusiveLock' },
    });
  });

  it('a wait whose end nobody saw has none: a connection that was lost, a server that was started again', async () => {
    const { server, admin } = await withOrders();
    const app = await connected(server, 'shop');
    const watched = watching('postgres', { url: server.url });
    await watched.sees();
    const waiting = async (): Promise<void> => {
      const count = watched.all('lock-wait').length;
      await admin.query('begin; lock table orders');
      app.query('select 1 from orders').catch(() => {});
      await watched.until('the app waits', () => watched.all('lock-wait').length > count);
    };
    await waiting();
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'zdd-verify'`);
    await watched.until('blind', () => watched.all('blind').length === 1);
    expect(watched.all('lock-wait-ended')).toMatchObject([{ goneAt: null }]);
    await watched.until('it sees again, and finds the same wait', () => watched.all('lock-wait').length === 2);
    const [before, after] = watched.all('lock-wait');
    expect(Math.abs((after?.since ?? 0) - (before?.since ?? 0))).toBeLessThan(50);
    server.restart();
    await watched.until('the restart', () => watched.all('incident').length === 1);
    expect(watched.all('lock-wait-ended').at(-1)).toMatchObject({ goneAt: null });
  });

  it('looks more closely in a migration, and counts its own looks', async () => {
    const { server } = await withOrders();
    const watched = watching('postgres', { url: server.url });
    await watched.sees();
    const looks = () => watched.all('lock-looks').map((each) => each.looks);
    await watched.until('two seconds', () => looks().length >= 3);
    const usual = Math.max(...looks());
    watched.phase('migrate');
    await watched.until('more looks', () => Math.max(...looks()) > 11);
    expect(usual).toBeLessThanOrEqual(11);
    expect(watched.all('lock-wait')).toEqual([]);
  });
});
