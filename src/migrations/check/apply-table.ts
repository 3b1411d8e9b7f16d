import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint, CreateStmt } from 'libpg-query';
import { as, constraintsOf, strings, typeOf } from './ast.js';
import { nameOf, sibling } from './names.js';
import { type Column, emptyColumn, emptyTable, type Schema, type Table } from './schema.js';
import type { Source } from './source.js';

/** CREATE TABLE. `by`: the file that creates it, null where it was there before. */
export function createTable(schema: Schema, node: CreateStmt, by: Source | null): void {
  const name = nameOf(node.relation);
  if (node.if_not_exists === true && schema.tables.get(name)?.createdIn === null) return;
  const elements = node.tableElts ?? [];
  const parents = (node.inhRelations ?? []).map((each) => nameOf(as(each, 'RangeVar')));
  const copies = elements.some((each) => as(each, 'TableLikeClause') !== undefined);
  const table = emptyTable(name, 'table', by);
  table.complete = parents.length === 0 && !copies && node.ofTypename === undefined;
  table.partitioned = node.partspec !== undefined;
  table.partOf = node.partbound === undefined ? null : (parents[0] ?? null);
  schema.tables.set(name, table);
  for (const column of elements.flatMap((each) => as(each, 'ColumnDef') ?? [])) addColumn(schema, table, column, null);
  for (const constraint of elements.flatMap((each) => as(each, 'Constraint') ?? []))
    addConstraint(schema, table, constraint);
  if (node.partbound?.is_default === true) for (const parent of parents) schema.table(parent).defaultPartition = name;
}

/** ALTER TABLE. `by`: the file that alters it, null for what is there already. */
export function alterTable(schema: Schema, node: AlterTableStmt, by: Source | null): void {
  if (node.objtype !== 'OBJECT_TABLE') return;
  const table = schema.table(nameOf(node.relation));
  for (const command of (node.cmds ?? []).flatMap((each) => as(each, 'AlterTableCmd') ?? [])) {
    alter(schema, table, command, by);
  }
}

const SERIALS: Readonly<Record<string, string>> = {
  smallserial: 'int2',
  serial2: 'int2',
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
};

/** Whether a type is no type but an integer with a sequence behind it. */
export function isSerial(column: ColumnDef): boolean {
  return (typeOf(column.typeName)?.name ?? '') in SERIALS;
}

function addColumn(schema: Schema, table: Table, definition: ColumnDef, addedIn: Source | null): void {
  const type = typeOf(definition.typeName);
  const serial = SERIALS[type?.name ?? ''];
  const column: Column = {
    ...emptyColumn(serial === undefined ? type : { name: serial, modifiers: [], isArray: false }),
    addedIn,
  };
  const constraints = constraintsOf(definition);
  const has = (...kinds: Constraint['contype'][]) => constraints.some(({ contype }) => kinds.includes(contype));
  column.identity = has('CONSTR_IDENTITY');
  column.generated = has('CONSTR_GENERATED');
  column.notNull = serial !== undefined || column.identity || has('CONSTR_NOTNULL', 'CONSTR_PRIMARY');
  column.hasDefault = serial !== undefined || column.identity || column.generated || has('CONSTR_DEFAULT');
  table.columns.set(definition.colname ?? '', column);
  for (const constraint of constraints) {
    if (constraint.contype === 'CONSTR_FOREIGN') addForeignKey(table, constraint);
    if (constraint.contype === 'CONSTR_CHECK') addCheck(table, constraint);
    if (constraint.contype === 'CONSTR_UNIQUE' || constraint.contype === 'CONSTR_PRIMARY') {
      addKey(schema, table, constraint, [definition.colname ?? '']);
    }
  }
}

function addConstraint(schema: Schema, table: Table, constraint: Constraint): void {
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      addCheck(table, constraint);
      break;
    case 'CONSTR_FOREIGN':
      addForeignKey(table, constraint);
      break;
    case 'CONSTR_NOTNULL':
      for (const column of strings(constraint.keys)) {
        if (constraint.skip_validation !== true) columnIn(table, column).notNull = true;
      }
      break;
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY': {
      const used =
        constraint.indexname === undefined ? undefined : schema.indexes.get(sibling(table.name, constraint.indexname));
      addKey(schema, table, constraint, used?.columns ?? strings(constraint.keys));
      break;
    }
    default:
  }
}

function addCheck(table: Table, { conname, raw_expr, skip_validation }: Constraint): void {
  table.checks.push({ name: conname ?? null, expression: raw_expr, valid: skip_validation !== true });
}

function addForeignKey(table: Table, { conname, skip_validation, pktable }: Constraint): void {
  const name = conname ?? `(${table.foreignKeys.size})`;
  table.foreignKeys.set(name, { valid: skip_validation !== true, to: nameOf(pktable) });
}

function addKey(schema: Schema, table: Table, constraint: Constraint, columns: string[]): void {
  const isPrimary = constraint.contype === 'CONSTR_PRIMARY';
  const bare = table.name.split('.').at(-1) ?? '';
  const name = constraint.conname ?? (isPrimary ? `${bare}_pkey` : [bare, ...columns, 'key'].join('_'));
  if (constraint.indexname !== undefined) schema.indexes.delete(sibling(table.name, constraint.indexname));
  const index = sibling(table.name, name);
  schema.indexes.set(index, {
    name: index,
    table: table.name,
    columns,
    unique: true,
    partial: false,
    constraint: name,
  });
  if (isPrimary) for (const column of columns) columnIn(table, column).notNull = true;
}

function alter(schema: Schema, table: Table, command: AlterTableCmd, by: Source | null): void {
  const name = command.name ?? '';
  const definition = as(command.def, 'ColumnDef');
  const constraint = as(command.def, 'Constraint');
  switch (command.subtype) {
    case 'AT_AddColumn':
      if (definition !== undefined) addColumn(schema, table, definition, table.createdIn === null ? by : null);
      break;
    case 'AT_DropColumn':
      table.columns.delete(name);
      for (const index of schema.indexesOf(table.name))
        if (index.columns.includes(name)) schema.indexes.delete(index.name);
      break;
    case 'AT_SetNotNull':
    case 'AT_DropNotNull':
      columnIn(table, name).notNull = command.subtype === 'AT_SetNotNull';
      break;
    case 'AT_ColumnDefault':
      columnIn(table, name).hasDefault = command.def !== undefined;
      break;
    case 'AT_AddIdentity':
    case 'AT_DropIdentity':
      columnIn(table, name).identity = command.subtype === 'AT_AddIdentity';
      columnIn(table, name).hasDefault = command.subtype === 'AT_AddIdentity';
      break;
    case 'AT_AlterColumnType':
      columnIn(table, name).type = typeOf(definition?.typeName);
      break;
    case 'AT_AddConstraint':
      if (constraint !== undefined) addConstraint(schema, table, constraint);
      break;
    case 'AT_ValidateConstraint':
      for (const check of table.checks) if (check.name === name) check.valid = true;
      if (table.foreignKeys.has(name)) table.foreignKeys.set(name, { ...table.foreignKeys.get(name)!, valid: true });
      break;
    case 'AT_DropConstraint':
      table.checks = table.checks.filter((check) => check.name !== name);
      table.foreignKeys.delete(name);
      schema.indexes.delete(sibling(table.name, name));
      break;
    case 'AT_AttachPartition': {
      const part = as(command.def, 'PartitionCmd');
      if (part?.bound?.is_default === true) table.defaultPartition = nameOf(part.name);
      table.partitioned = true;
      if (part !== undefined) schema.table(nameOf(part.name)).partOf = table.name;
      break;
    }
    case 'AT_DetachPartition':
      schema.table(nameOf(as(command.def, 'PartitionCmd')?.name)).partOf = table.name;
      break;
    case 'AT_EnableRowSecurity':
    case 'AT_DisableRowSecurity':
      table.rowSecurity = command.subtype === 'AT_EnableRowSecurity';
      break;
    default:
  }
}

function columnIn(table: Table, name: string): Column {
  const known = table.columns.get(name);
  if (known !== undefined) return known;
  const column = emptyColumn(null);
  table.columns.set(name, column);
  return column;
}
