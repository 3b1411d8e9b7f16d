import type { Client } from 'pg';
import { LOCK_MODES, type LockMode } from '../check/locks.js';
import type { Holding } from './session.js';

/** A table, view or index that was there before the migration. */
export interface Relation {
  oid: number;
  /** As SQL names it; the schema `public` is left out. */
  name: string;
  /** Without the schema, as the server's own messages have it. */
  bare: string;
  /** The letter of `pg_class`. */
  kind: string;
  /** The table of an index; null for others. */
  table: number | null;
  /** Where its rows are; another one after it was written anew. */
  file: number | null;
  /** The table at the top where it is a partition; itself otherwise. */
  root: number;
  /** It takes the rows that no other partition takes. */
  isDefault: boolean;
  /** As counted or estimated when it was looked at. */
  rows: number;
}

export type Relations = ReadonlyMap<number, Relation>;

const RELATIONS = `
select c.oid::int8::text as oid, c.relname as bare, c.relkind::text as kind, i.indrelid::int8::text as table,
  coalesce(pg_partition_root(c.oid), c.oid)::oid::int8::text as root,
  coalesce(pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', false) as "isDefault",
  pg_relation_filenode(c.oid)::int8::text as file, greatest(c.reltuples, 0)::float8 as rows,
  case when n.nspname = 'public' then quote_ident(c.relname)
    else quote_ident(n.nspname) || '.' || quote_ident(c.relname) end as name
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_index i on i.indexrelid = c.oid
where c.relkind in ('r', 'p', 'm', 'v', 'f', 'i', 'I')
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'zdd_verify')`;

/** Everything of the user that is in the database now. */
export async function relationsIn(client: Client): Promise<Relations> {
  const { rows } = await client.query<Record<keyof Relation, string> & { rows: number; isDefault: boolean }>(RELATIONS);
  return new Map(
    rows.map(({ oid, bare, kind, table, file, rows: count, name, root, isDefault }) => [
      Number(oid),
      {
        oid: Number(oid),
        name,
        bare,
        kind,
        table: table === null ? null : Number(table),
        file: file === null ? null : Number(file),
        root: Number(root),
        isDefault,
        rows: count,
      },
    ]),
  );
}

/** Where the rows of each known relation are now, and whether there are any; those that are gone are left out. */
export async function filesOf(
  client: Client,
  oids: readonly number[],
): Promise<Map<number, { file: number; isEmpty: boolean }>> {
  const { rows } = await client.query<{ oid: string; file: string; isEmpty: boolean }>(
    `select oid::int8::text as oid, pg_relation_filenode(oid)::int8::text as file,
       coalesce(pg_relation_size(oid), 0) = 0 as "isEmpty" from pg_class
     where oid = any($1::oid[]) and pg_relation_filenode(oid) is not null`,
    [oids],
  );
  return new Map(rows.map(({ oid, file, isEmpty }) => [Number(oid), { file: Number(file), isEmpty }]));
}

/** Indexes that no query uses, and that still cost every write. */
export async function invalidIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select case when n.nspname = 'public' then quote_ident(c.relname)
       else quote_ident(n.nspname) || '.' || quote_ident(c.relname) end as name
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where (not i.indisvalid or not i.indisready) and c.relkind = 'i' and n.nspname !~ '^pg_' order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Relation locks that each of these server processes holds in this database, and the numbers of its transactions. */
export async function locksHeld(client: Client, pids: readonly number[]): Promise<Map<number, Holding>> {
  const { rows } = await client.query<{ pid: number; oid: string | null; mode: string; xid: string | null }>({
    name: 'locks-held',
    text: `select pid, relation::int8::text as oid, mode, transactionid::text as xid from pg_locks
      where pid = any($1::int[]) and granted and (locktype = 'transactionid' and mode = 'ExclusiveLock'
        or locktype = 'relation' and relation >= 16384
          and database = (select oid from pg_database where datname = current_database()))`,
    values: [pids],
  });
  const held = new Map<number, Holding>();
  for (const { pid, oid, mode, xid } of rows) {
    const holding = held.get(pid) ?? { locks: [], xids: [] };
    if (oid !== null) holding.locks.push({ oid: Number(oid), mode: modeOf(mode) });
    if (xid !== null) holding.xids.push(xid);
    held.set(pid, holding);
  }
  return held;
}

/** `AccessExclusiveLock`, as the server's tables have it, in the words of LOCK TABLE. */
export function modeOf(mode: string): LockMode {
  const words = mode
    .replace(/Lock$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
  return LOCK_MODES.find((each) => each === words) ?? 'ACCESS EXCLUSIVE';
}
