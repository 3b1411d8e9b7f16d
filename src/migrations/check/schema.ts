import type { Node } from 'libpg-query';
import type { SqlType } from './ast.js';
import type { Name } from './names.js';
import type { Source } from './source.js';

/** What is known of a column. Null: not known. */
export interface Column {
  type: SqlType | null;
  notNull: boolean | null;
  hasDefault: boolean | null;
  identity: boolean;
  generated: boolean;
  /** The file that adds it to a table that was there before; null where it came with its table, or nobody knows. */
  addedIn: Source | null;
}

export interface Check {
  name: string | null;
  expression: Node | undefined;
  valid: boolean;
}

export interface Index {
  name: Name;
  table: Name;
  columns: string[];
  unique: boolean;
  /** Only some rows, or expressions: it can be no constraint, and no target of a plain ON CONFLICT. */
  partial: boolean;
  /** The constraint it belongs to. */
  constraint: string | null;
}

export interface Table {
  name: Name;
  kind: 'table' | 'view' | 'materialized-view';
  /** The file that creates it; null where it was there before. */
  createdIn: Source | null;
  /** Whether all of its columns are known. */
  complete: boolean;
  columns: Map<string, Column>;
  checks: Check[];
  /** Names of foreign keys that are not validated yet, and of those that are. */
  foreignKeys: Map<string, { valid: boolean; to: Name }>;
  partitioned: boolean;
  defaultPartition: Name | null;
  rowSecurity: boolean;
  policies: number;
  /** What the statements that were read put into it: nothing; rows that are written out; or the rows of a query. */
  filled: 'no' | 'few' | 'many';
  /** The table it is a partition of, or was until one of these statements. */
  partOf: Name | null;
}

/** What the statements read so far say of the schema. What they do not mention is taken as being there before. */
export class Schema {
  readonly tables = new Map<Name, Table>();
  readonly indexes = new Map<Name, Index>();
  /** Functions that were created: whether they are volatile, and whether triggers alone can call them. */
  readonly functions = new Map<Name, { volatile: boolean; forTriggers: boolean }>();
  /** Domains that were created, with whether they hold constraints. */
  readonly domains = new Map<Name, { constrained: boolean }>();
  /** Types, domains, sequences, functions and the like that were created, by kind and name. */
  readonly created = new Map<string, Source | null>();

  /** The table as far as it is known; one that was never mentioned was there before. */
  table(name: Name): Table {
    const known = this.tables.get(name);
    if (known !== undefined) return known;
    const table = emptyTable(name, 'table', null);
    this.tables.set(name, table);
    return table;
  }

  column(table: Name, column: string): Column | null {
    return this.tables.get(table)?.columns.get(column) ?? null;
  }

  /** The file that creates the table; null where it was there before. */
  createdIn(table: Name): Source | null {
    return this.tables.get(table)?.createdIn ?? null;
  }

  indexesOf(table: Name): Index[] {
    return [...this.indexes.values()].filter((index) => index.table === table);
  }
}

export function emptyTable(name: Name, kind: Table['kind'], createdIn: Source | null): Table {
  return {
    name,
    kind,
    createdIn,
    complete: false,
    columns: new Map(),
    checks: [],
    foreignKeys: new Map(),
    partitioned: false,
    defaultPartition: null,
    rowSecurity: false,
    policies: 0,
    filled: 'no',
    partOf: null,
  };
}

export function emptyColumn(type: SqlType | null): Column {
  return { type, notNull: null, hasDefault: null, identity: false, generated: false, addedIn: null };
}
