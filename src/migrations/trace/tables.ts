import type { Client } from 'pg';
import type { FillColumn } from './fill-values.js';
import { quoted } from './place.js';

export interface TableColumn extends FillColumn {
  number: number;
  /** The server has a value for it where none is given. */
  hasDefault: boolean;
  /** It may be given none. */
  isGenerated: boolean;
  isUnique: boolean;
}

export interface ForeignKey {
  /** Columns here, by number, and the names of those they point to. */
  columns: number[];
  table: number;
  targets: string[];
}

export interface Table {
  oid: number;
  name: string;
  /** Without its schema. */
  bare: string;
  /** Rows now. */
  rows: number;
  /** A partition is filled through the table it is part of. */
  isPartition: boolean;
  columns: TableColumn[];
  keys: ForeignKey[];
}

const COLUMNS = `
select a.attrelid::int8::text as table, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as "tableName", c.relname as bare,
  c.relispartition as "isPartition", a.attnum::int as number, a.attname as name, t.typname as type,
  format_type(a.atttypid, a.atttypmod) as written, e.typname is not null as "isArray",
  coalesce(e.typname, t.typname) as base,
  case when coalesce(e.typname, t.typname) in ('varchar', 'bpchar') and a.atttypmod > 4 then a.atttypmod - 4
       when coalesce(e.typname, t.typname) in ('bit', 'varbit') and a.atttypmod > 0 then a.atttypmod end as length,
  case when coalesce(e.typname, t.typname) = 'numeric' and a.atttypmod > 4
       then ((a.atttypmod - 4) >> 16) - ((a.atttypmod - 4) & 65535) end as digits,
  array(select l.enumlabel::text from pg_enum l where l.enumtypid = coalesce(e.oid, t.oid) order by l.enumsortorder) as labels,
  not (a.attnotnull or d.typnotnull) as nullable, a.atthasdef or a.attidentity <> '' as "hasDefault",
  a.attgenerated <> '' or a.attidentity = 'a' as "isGenerated",
  exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and a.attnum = any(i.indkey)) as "isUnique",
  array(select pg_get_constraintdef(k.oid) from pg_constraint k
    where k.contype = 'c' and (k.conrelid = c.oid and a.attnum = any(k.conkey) or k.contypid = d.oid)) as checks
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
join pg_namespace n on n.oid = c.relnamespace and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'zdd_verify')
join pg_type d on d.oid = a.atttypid
join pg_type t on t.oid = case when d.typtype = 'd' then d.typbasetype else d.oid end
left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
where a.attnum > 0 and not a.attisdropped
order by c.oid, a.attnum`;

const KEYS = `
select k.conrelid::int8::text as table, k.confrelid::int8::text as target, k.conkey::int[] as columns,
  array(select a.attname::text from unnest(k.confkey) with ordinality f(number, place)
    join pg_attribute a on a.attrelid = k.confrelid and a.attnum = f.number order by f.place) as targets
from pg_constraint k where k.contype = 'f' and k.conparentid = 0`;

type ColumnRow = Omit<TableColumn, 'allowed' | 'isEmail'> & {
  table: string;
  tableName: string;
  bare: string;
  isPartition: boolean;
  base: string;
  checks: string[];
};

/** Every table of the user, with what must be known to put rows into it. */
export async function tablesIn(client: Client): Promise<Table[]> {
  const columns = (await client.query<ColumnRow>(COLUMNS)).rows;
  const keys = (await client.query<{ table: string; target: string; columns: number[]; targets: string[] }>(KEYS)).rows;
  const tables = new Map<number, Table>();
  for (const row of columns) {
    const oid = Number(row.table);
    const { tableName: name, bare, isPartition } = row;
    const table = tables.get(oid) ?? { oid, name, bare, rows: 0, isPartition, columns: [], keys: [] };
    table.columns.push(columnOf(row));
    tables.set(oid, table);
  }
  for (const { table, target, columns: own, targets } of keys) {
    tables.get(Number(table))?.keys.push({ columns: own, table: Number(target), targets });
  }
  for (const table of tables.values()) {
    table.rows = Number((await client.query(`select count(*)::text as n from ${table.name}`)).rows[0]?.n ?? 0);
  }
  return [...tables.values()];
}

function columnOf({ checks, base, ...row }: ColumnRow): TableColumn {
  const ownChecks = checks.filter((check) => check.includes(row.name) || check.includes('VALUE'));
  return {
    ...row,
    type: base,
    allowed: ownChecks.flatMap(listedIn),
    isEmail: /e_?mail/i.test(row.name) || ownChecks.some((check) => check.includes('@')),
  };
}

/** The server writes `x IN ('a', 'b')` as `x = ANY (ARRAY['a'::text, 'b'::text])`, and one value as `x = 'a'::text`. */
function listedIn(check: string): string[] {
  const list = /= ANY \(+ARRAY\[(.*?)\]/s.exec(check)?.[1];
  if (list === undefined) return [];
  const texts = [...list.matchAll(/'((?:[^']|'')*)'/g)].map(([, text]) => (text as string).replaceAll("''", "'"));
  return texts.length > 0 ? texts : list.split(',').map((each) => each.trim().replace(/::.*$/, ''));
}

export function columnList(columns: readonly { name: string }[]): string {
  return columns.map(({ name }) => quoted(name)).join(', ');
}
