import type { DropStmt, IndexStmt, RenameStmt } from 'libpg-query';
import { alterTable, createTable } from './apply-table.js';
import { as, type Kind, kindOf, type Of, strings, typeOf } from './ast.js';
import { joined, type Name, nameOf, nameOfList, sibling } from './names.js';
import { emptyTable, type Schema, type Table } from './schema.js';
import type { Source } from './source.js';
import type { Statement } from './statements.js';

/**
 * Makes the schema what it is after the statement. `isBefore`: the statement is part of what is there already, so that
 * what it creates is in use.
 */
export function applyTo(schema: Schema, { node, source, isTemplate }: Statement, isBefore: boolean): void {
  if (isTemplate) return;
  const by = isBefore ? null : source;
  const kind = kindOf(node);
  APPLY[kind]?.(schema, as(node, kind) as never, by);
}

type Apply = (schema: Schema, node: never, by: Source | null) => void;

const APPLY: Partial<Record<Kind, Apply>> = {
  CreateStmt: createTable,
  CreateTableAsStmt: (schema, node: Of<'CreateTableAsStmt'>, by) => {
    const name = nameOf(node.into?.rel);
    const kind = node.objtype === 'OBJECT_MATVIEW' ? 'materialized-view' : 'table';
    schema.tables.set(name, { ...emptyTable(name, kind, by), filled: node.into?.skipData === true ? 'no' : 'many' });
  },
  SelectStmt: (schema, node: Of<'SelectStmt'>, by) => {
    if (node.intoClause === undefined) return;
    const name = nameOf(node.intoClause.rel);
    schema.tables.set(name, { ...emptyTable(name, 'table', by), filled: 'many' });
  },
  ViewStmt: (schema, node: Of<'ViewStmt'>, by) => {
    const name = nameOf(node.view);
    if (!schema.tables.has(name)) schema.tables.set(name, emptyTable(name, 'view', node.replace === true ? null : by));
  },
  IndexStmt: createIndex,
  AlterTableStmt: alterTable,
  RenameStmt: rename,
  DropStmt: drop,
  InsertStmt: (schema, node: Of<'InsertStmt'>) => {
    const select = as(node.selectStmt, 'SelectStmt');
    const isWritten = (select?.valuesLists ?? []).length > 0 || (select?.fromClause ?? []).length === 0;
    fill(schema.table(nameOf(node.relation)), isWritten ? 'few' : 'many');
  },
  CopyStmt: (schema, node: Of<'CopyStmt'>) => {
    if (node.is_from === true) fill(schema.table(nameOf(node.relation)), node.filename === undefined ? 'few' : 'many');
  },
  CreateFunctionStmt: (schema, node: Of<'CreateFunctionStmt'>, by) => {
    const options = (node.options ?? []).flatMap((each) => as(each, 'DefElem') ?? []);
    const volatility = as(options.find(({ defname }) => defname === 'volatility')?.arg, 'String')?.sval ?? 'volatile';
    const name = joined(strings(node.funcname));
    const forTriggers = /trigger$/.test(typeOf(node.returnType)?.name ?? '');
    schema.functions.set(name, { volatile: volatility === 'volatile', forTriggers });
    schema.created.set(`${node.is_procedure === true ? 'OBJECT_PROCEDURE' : 'OBJECT_FUNCTION'} ${name}`, by);
  },
  CreatePolicyStmt: (schema, node: Of<'CreatePolicyStmt'>) => {
    schema.table(nameOf(node.table)).policies += 1;
  },
  CreateDomainStmt: (schema, node: Of<'CreateDomainStmt'>, by) => {
    const name = joined(strings(node.domainname));
    const constrained = (node.constraints ?? []).some((each) => {
      const kind = as(each, 'Constraint')?.contype;
      return kind === 'CONSTR_CHECK' || kind === 'CONSTR_NOTNULL';
    });
    schema.created.set(`OBJECT_DOMAIN ${name}`, by);
    schema.domains.set(name, { constrained });
  },
  AlterDomainStmt: (schema, node: Of<'AlterDomainStmt'>) => {
    const name = joined(strings(node.typeName));
    if (node.subtype === 'C' || node.subtype === 'O') schema.domains.set(name, { constrained: true });
  },
  CreateEnumStmt: (schema, node: Of<'CreateEnumStmt'>, by) => {
    schema.created.set(`OBJECT_TYPE ${joined(strings(node.typeName))}`, by);
  },
  CompositeTypeStmt: (schema, node: Of<'CompositeTypeStmt'>, by) => {
    schema.created.set(`OBJECT_TYPE ${nameOf(node.typevar)}`, by);
  },
  CreateSeqStmt: (schema, node: Of<'CreateSeqStmt'>, by) => {
    schema.created.set(`OBJECT_SEQUENCE ${nameOf(node.sequence)}`, by);
  },
  CreateSchemaStmt: (schema, node: Of<'CreateSchemaStmt'>, by) => {
    schema.created.set(`OBJECT_SCHEMA ${node.schemaname ?? ''}`, by);
  },
};

function fill(table: Table, rows: 'few' | 'many'): void {
  if (table.filled !== 'many') table.filled = rows;
}

function createIndex(schema: Schema, node: IndexStmt): void {
  const table = nameOf(node.relation);
  const elements = (node.indexParams ?? []).flatMap((each) => as(each, 'IndexElem') ?? []);
  const columns = elements.flatMap(({ name }) => name ?? []);
  const bare = table.split('.').at(-1) ?? '';
  const name = sibling(table, node.idxname ?? [bare, ...columns, 'idx'].join('_'));
  const partial = node.whereClause !== undefined || columns.length < elements.length;
  schema.indexes.set(name, { name, table, columns, unique: node.unique === true, partial, constraint: null });
}

function rename(schema: Schema, node: RenameStmt): void {
  const name = nameOf(node.relation);
  const to = node.newname ?? '';
  if (node.renameType === 'OBJECT_COLUMN') {
    const { columns } = schema.table(name);
    const column = columns.get(node.subname ?? '');
    columns.delete(node.subname ?? '');
    if (column !== undefined) columns.set(to, column);
    return;
  }
  const index = schema.indexes.get(name);
  if (index !== undefined) {
    schema.indexes.delete(name);
    schema.indexes.set(sibling(name, to), { ...index, name: sibling(name, to) });
    return;
  }
  if (!['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'].includes(node.renameType ?? '')) return;
  const table = schema.table(name);
  schema.tables.delete(name);
  schema.tables.set(sibling(name, to), { ...table, name: sibling(name, to) });
  for (const each of schema.indexesOf(name)) each.table = sibling(name, to);
}

function drop(schema: Schema, node: DropStmt): void {
  for (const object of node.objects ?? []) {
    const name = nameOfList(object);
    if (node.removeType === 'OBJECT_INDEX') schema.indexes.delete(name);
    else if (['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'].includes(node.removeType ?? '')) dropTable(schema, name);
    else schema.created.delete(`${node.removeType} ${name}`);
  }
}

function dropTable(schema: Schema, name: Name): void {
  schema.tables.delete(name);
  for (const index of schema.indexesOf(name)) schema.indexes.delete(index.name);
}
