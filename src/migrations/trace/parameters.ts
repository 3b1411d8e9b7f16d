import type { Node, RangeVar } from 'libpg-query';
import type { Client } from 'pg';
import { as, columnOf, nodesBelow } from '../check/ast.js';
import { isFault, loadParser, parseSql } from '../check/parser.js';
import { sqlValue } from './fill-values.js';
import { quoted } from './place.js';
import { type Table, tablesIn } from './tables.js';

/** A query with values for its parameters. */
export interface FilledQuery {
  sql: string;
  values: (string | null)[];
}

/** Finds values for `$1`, `$2` and so on: those of a row that is there, or new ones for a row that is inserted. */
export async function fillParameters(client: Client, queries: readonly string[]): Promise<FilledQuery[]> {
  await loadParser();
  const tables = queries.some((sql) => sql.includes('$')) ? await tablesIn(client) : [];
  const filled: FilledQuery[] = [];
  for (const sql of queries) filled.push({ sql, values: await valuesFor(client, sql, tables) });
  return filled;
}

async function valuesFor(client: Client, sql: string, tables: readonly Table[]): Promise<(string | null)[]> {
  const parsed = parseSql(sql);
  const node = isFault(parsed) ? undefined : parsed[0]?.node;
  if (node === undefined || !hasParameters(node)) return [];
  const types = await typesOf(client, sql);
  const uses = usesIn(node);
  const values: (string | null)[] = [];
  for (const [index, type] of types.entries()) {
    const use = uses.get(index + 1);
    values.push((use === undefined ? null : await valueFor(client, use, tables)) ?? (await dummyOf(client, type)));
  }
  return values;
}

function hasParameters(node: Node): boolean {
  for (const each of nodesBelow(node)) if (as(each, 'ParamRef') !== undefined) return true;
  return false;
}

/** As the server infers them; none where it does not take the query. */
async function typesOf(client: Client, sql: string): Promise<string[]> {
  try {
    await client.query(`prepare zdd_verify_types as ${sql}`);
    const { rows } = await client.query<{ types: string[] }>(
      "select parameter_types::text[] as types from pg_prepared_statements where name = 'zdd_verify_types'",
    );
    await client.query('deallocate zdd_verify_types');
    return rows[0]?.types ?? [];
  } catch {
    return [];
  }
}

/** The column that a parameter is compared with or written to. */
interface Use {
  table: string | null;
  column: string;
  isNew: boolean;
}

function usesIn(node: Node): Map<number, Use> {
  const uses = new Map<number, Use>();
  const insert = as(node, 'InsertStmt');
  const target = as(node, 'UpdateStmt')?.relation ?? as(node, 'DeleteStmt')?.relation;
  const only = target ?? onlyTable(node);
  for (const each of nodesBelow(node)) {
    const compared = as(each, 'A_Expr');
    const column = columnOf(compared?.lexpr) ?? columnOf(compared?.rexpr);
    const parameter = numberOf(compared?.rexpr) ?? numberOf(compared?.lexpr);
    if (column !== null && parameter !== null)
      uses.set(parameter, { table: only?.relname ?? null, column, isNew: false });
    const set = as(each, 'ResTarget');
    const written = numberOf(set?.val);
    if (insert === undefined && set?.name !== undefined && written !== null) {
      uses.set(written, { table: only?.relname ?? null, column: set.name, isNew: false });
    }
  }
  if (insert !== undefined) insertUses(insert, uses);
  return uses;
}

function insertUses(insert: NonNullable<ReturnType<typeof asInsert>>, uses: Map<number, Use>): void {
  const columns = (insert.cols ?? []).map((each) => as(each, 'ResTarget')?.name ?? '');
  const select = as(insert.selectStmt, 'SelectStmt');
  for (const row of select?.valuesLists ?? []) {
    for (const [index, value] of (as(row, 'List')?.items ?? []).entries()) {
      const parameter = numberOf(value);
      const column = columns[index];
      if (parameter !== null && column !== undefined) {
        uses.set(parameter, { table: insert.relation?.relname ?? null, column, isNew: true });
      }
    }
  }
}

function asInsert(node: Node) {
  return as(node, 'InsertStmt');
}

function numberOf(node: Node | undefined): number | null {
  const cast = as(node, 'TypeCast');
  return as(cast?.arg ?? node, 'ParamRef')?.number ?? null;
}

/** The table of a query that reads one. */
function onlyTable(node: Node): RangeVar | undefined {
  const found: RangeVar[] = [];
  for (const each of nodesBelow(node)) {
    const range = as(each, 'RangeVar');
    if (range !== undefined) found.push(range);
  }
  return found.length === 1 ? found[0] : undefined;
}

async function valueFor(client: Client, use: Use, tables: readonly Table[]): Promise<string | null> {
  const matching = tables.filter(
    ({ name, columns }) =>
      (use.table === null || name.endsWith(`.${use.table}`) || name.endsWith(`.${quoted(use.table)}`)) &&
      columns.some((each) => each.name === use.column),
  );
  const table = matching[0];
  const column = table?.columns.find(({ name }) => name === use.column);
  if (table === undefined || column === undefined) return null;
  const isKey = table.keys.some(({ columns }) => columns.includes(column.number));
  const fresh = use.isNew && !isKey ? sqlValue(column, String(table.rows + 1_000_003)) : null;
  const sql =
    fresh === null
      ? `select ${quoted(column.name)}::text as v from ${table.name} where ${quoted(column.name)} is not null limit 1`
      : `select (${fresh})::text as v`;
  return client.query<{ v: string }>(sql).then(
    ({ rows }) => rows[0]?.v ?? null,
    () => null,
  );
}

const DUMMIES: Readonly<Record<string, string>> = {
  boolean: 'true',
  uuid: '00000000-0000-4000-8000-000000000001',
  date: '2024-01-01',
  'time without time zone': '12:00',
  'time with time zone': '12:00+00',
  'timestamp without time zone': '2024-01-01 00:00:00',
  'timestamp with time zone': '2024-01-01 00:00:00+00',
  interval: '1 day',
  json: '{}',
  jsonb: '{}',
  bytea: '\\x00',
  inet: '127.0.0.1',
  cidr: '127.0.0.0/8',
};

/** Something that the type can be read from. */
async function dummyOf(client: Client, type: string): Promise<string | null> {
  if (type.endsWith('[]')) return '{}';
  const known = DUMMIES[type];
  if (known !== undefined) return known;
  const { rows } = await client
    .query<{ label: string }>(
      'select enumlabel::text as label from pg_enum where enumtypid = to_regtype($1) order by enumsortorder limit 1',
      [type],
    )
    .catch(() => ({ rows: [] }));
  return rows[0]?.label ?? '1';
}
