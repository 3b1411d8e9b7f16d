import { readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Case } from './cases.ts';
import { psql } from './psql.ts';
import { connect, type Server } from './servers.ts';
import { isSame, isWrite, type QueryError, traffic } from './traffic.ts';
import { type Wait, waitsOf } from './waits.ts';

/** What a migration did to the releases' queries, with tables of one size. */
export interface Observation {
  rows: number;
  migrationMs: number;
  /** SQLSTATE and message of the statement that failed. */
  failed: string | null;
  invalidIndexes: string[];
  /** Queries of the old release that failed while it ran or after it. */
  oldErrors: QueryError[];
  /** The longest wait of one of them for a lock of the migration. */
  blockedMs: number;
  blockedFor: string | null;
  /** The longest time in which a connection sent nothing, for no lock but because the machine was busy. */
  silentMs: number;
  /** Null where there is no way back. */
  down: { failed: string | null; newErrors: QueryError[] } | null;
}

let databases = 0;

export async function observe(server: Server, one: Case, rows: number): Promise<Observation> {
  const database = `case_${++databases}`;
  const admin = await connect(server, 'postgres', 'measure');
  await admin.query(`CREATE DATABASE ${database} TEMPLATE template0`);
  const clients: pg.Client[] = [];
  const open = async (): Promise<pg.Client> => {
    const client = await connect(server, database, 'release');
    clients.push(client);
    if (one.role !== null) await client.query(`SET ROLE ${one.role}`);
    return client;
  };
  try {
    await prepare(server, database, one, rows);
    const seen = await migrate(server, database, one, rows, open);
    return { ...seen, down: one.down === null ? null : await goBack(server, database, one, open) };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await admin.end();
  }
}

async function prepare(server: Server, database: string, one: Case, rows: number): Promise<void> {
  for (const sql of [one.schema, one.fill, 'ANALYZE;']) {
    const { error } = await psql(server, database, sql, { rows: String(rows) });
    if (error !== null) throw new Error(`${one.name}: the old release's tables cannot be made: ${error}`);
  }
}

async function migrate(
  server: Server,
  database: string,
  one: Case,
  rows: number,
  open: () => Promise<pg.Client>,
): Promise<Omit<Observation, 'down'>> {
  const reads = await traffic(
    await open(),
    one.oldQueries.filter((sql) => !isWrite(sql)),
    false,
  );
  const writes = await traffic(await open(), one.oldQueries.filter(isWrite), true);
  const before = [...(await reads.round()), ...(await writes.round())];
  if (before.length > 0) throw new Error(`${one.name}: fails before the migration: ${before.map(told).join('; ')}`);
  const { size: logged } = statSync(server.log);
  reads.start();
  writes.start();
  await delay(20);
  const script = await psql(server, database, one.up);
  const seen = [await reads.stop(), await writes.stop()];
  const during = seen.flatMap(({ failed }) => failed);
  const after = [...(await reads.round()), ...(await writes.round())];
  const oldErrors = [...during, ...after.filter((error) => !during.some((each) => isSame(each, error)))];
  const waits = waitsOf(readFileSync(server.log).subarray(logged).toString('utf8'));
  const longest = longestOf(waits, [reads.pid, writes.pid], script.pid);
  const silent = [reads.pid, writes.pid].map(
    (pid, index) => seen[index]!.silentMs - (longestOf(waits, [pid], script.pid)?.ms ?? 0),
  );
  return {
    rows,
    migrationMs: Math.round(script.durationMs),
    failed: script.error,
    invalidIndexes: await invalidIndexes(server, database),
    oldErrors,
    blockedMs: Math.round(longest?.ms ?? 0),
    blockedFor: longest?.lock.replace(/ of database \d+/, '') ?? null,
    silentMs: Math.round(Math.max(0, ...silent)),
  };
}

/** The new release is up, the migration is taken back, the new release is still there. */
async function goBack(
  server: Server,
  database: string,
  one: Case,
  open: () => Promise<pg.Client>,
): Promise<Observation['down']> {
  const reads = await traffic(
    await open(),
    one.newQueries.filter((sql) => !isWrite(sql)),
    false,
  );
  const writes = await traffic(await open(), one.newQueries.filter(isWrite), true);
  const before = [...(await reads.round()), ...(await writes.round())];
  if (before.length > 0)
    throw new Error(`${one.name}: new queries fail on the new schema: ${before.map(told).join('; ')}`);
  const { error } = await psql(server, database, one.down ?? '');
  return { failed: error, newErrors: [...(await reads.round()), ...(await writes.round())] };
}

function longestOf(waits: readonly Wait[], releases: readonly number[], migration: number | null): Wait | undefined {
  return waits
    .filter(({ pid, others }) => releases.includes(pid) && migration !== null && others.includes(migration))
    .sort((a, b) => b.ms - a.ms)[0];
}

async function invalidIndexes(server: Server, database: string): Promise<string[]> {
  const client = await connect(server, database, 'measure');
  const { rows } = await client.query<{ name: string }>(
    'SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid ORDER BY 1',
  );
  await client.end();
  return rows.map(({ name }) => name);
}

export function told({ sql, form, sqlstate, message }: QueryError): string {
  return `${sqlstate} ${message}: ${form} ${sql}`;
}
