import type { Client } from 'pg';
import { messageOf } from '../../model/errors.js';
import { sqlValue } from './fill-values.js';
import { isBookkeeping } from './frameworks.js';
import { quoted } from './place.js';
import { columnList, type ForeignKey, type Table, type TableColumn, tablesIn } from './tables.js';

/**
 * Fills every table to `rows`, those that others point to first. What is there stays; triggers do not fire.
 * Returns what could not be filled, and why.
 */
export async function fillTables(client: Client, rows: number): Promise<string[]> {
  const tables = await tablesIn(client);
  const unfilled: string[] = [];
  // Not all of this is allowed to everybody; a database of our own is filled by its superuser.
  await client.query("set session_replication_role = 'replica'");
  const done = new Set<number>();
  for (const table of inOrder(tables)) {
    const missing = rows - table.rows;
    if (missing > 0 && !table.isPartition && !isBookkeeping(table.bare)) {
      const why = await fillTable(client, table, missing, tables, done);
      if (why !== null) unfilled.push(`${table.name.replace(/^public\./, '')} (${why})`);
    }
    done.add(table.oid);
  }
  await client.query("set session_replication_role = 'origin'");
  await refreshViews(client);
  await client.query('analyze');
  return unfilled;
}

/** A materialized view has the rows that its tables have. */
async function refreshViews(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where c.relkind = 'm' and c.relispopulated order by c.oid`,
  );
  // One whose query fails with these rows stays as it is.
  for (const { name } of rows) await client.query(`refresh materialized view ${name}`).catch(() => {});
}

/** Tables that others point to come before those; in a circle the order is the one they were made in. */
function inOrder(tables: readonly Table[]): Table[] {
  const left = [...tables];
  const sorted: Table[] = [];
  while (left.length > 0) {
    const free = left.findIndex(({ oid, keys }) =>
      keys.every(({ table }) => table === oid || !left.some((other) => other.oid === table)),
    );
    sorted.push(...left.splice(Math.max(free, 0), 1));
  }
  return sorted;
}

async function fillTable(
  client: Client,
  table: Table,
  missing: number,
  tables: readonly Table[],
  done: ReadonlySet<number>,
): Promise<string | null> {
  const query = insertInto(table, missing, tables, done);
  if ('why' in query) return query.why;
  try {
    await client.query(query.sql);
    const { rows } = await client.query<{ n: string }>(`select count(*)::text as n from ${table.name}`);
    const there = Number(rows[0]?.n ?? 0);
    return there >= (table.rows + missing) / 2 ? null : `${there} rows: more would not be unique`;
  } catch (error) {
    return messageOf(error);
  }
}

interface Joined {
  key: ForeignKey;
  alias: string;
  target: Table;
}

function insertInto(
  table: Table,
  missing: number,
  tables: readonly Table[],
  done: ReadonlySet<number>,
): { sql: string } | { why: string } {
  const joined: Joined[] = [];
  for (const key of table.keys) {
    const target = tables.find(({ oid }) => oid === key.table);
    if (target === undefined || !done.has(target.oid)) continue;
    joined.push({ key, alias: `r${joined.length}`, target });
  }
  const columns: TableColumn[] = [];
  const values: string[] = [];
  for (const column of table.columns) {
    const value = valueFor(column, table, joined);
    if (value === 'default') continue;
    if (value === null) return { why: `no value is known for ${column.name} ${column.written}` };
    columns.push(column);
    values.push(value);
  }
  const from = joined.map(({ key, alias, target }) => {
    const list = key.targets.map(quoted).join(', ');
    return ` left join (select ${list}, row_number() over (order by ${list}) as n from ${target.name}) ${alias}
      on ${alias}.n = 1 + (g - 1) % greatest((select count(*) from ${target.name}), 1)`;
  });
  // A table whose every column has a value of its own is given rows of no columns.
  const into = columns.length === 0 ? '' : `(${columnList(columns)})`;
  return {
    sql: `insert into ${table.name} ${into}
      select ${values.join(', ')} from generate_series(${table.rows + 1}::int8, ${table.rows + missing}) g${from.join('')}
      on conflict do nothing`,
  };
}

function valueFor(column: TableColumn, table: Table, joined: readonly Joined[]): string | 'default' | null {
  const reference = joined.find(({ key }) => key.columns.includes(column.number));
  if (reference !== undefined) {
    const target = reference.key.targets[reference.key.columns.indexOf(column.number)] as string;
    return `${reference.alias}.${quoted(target)}`;
  }
  if (column.isGenerated) return 'default';
  // A key without a table that is filled already: of a circle, or of the table to itself.
  if (table.keys.some(({ columns }) => columns.includes(column.number))) {
    return column.nullable ? 'null' : selfReference(column, table);
  }
  if (column.hasDefault) return 'default';
  return sqlValue(column, 'g') ?? (column.nullable ? 'null' : null);
}

/** A row may point to itself where its own key is the number that it is made with. */
function selfReference(column: TableColumn, table: Table): string | null {
  const self = table.keys.find(({ columns, table: target }) => columns.includes(column.number) && target === table.oid);
  return self === undefined ? null : sqlValue(column, 'g');
}
