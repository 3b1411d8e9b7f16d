import type { AlterTableCmd, ColumnDef, Constraint, RangeVar } from 'libpg-query';
import { as, constraintsOf } from './ast.js';
import { type Name, nameOf } from './names.js';
import type { Span } from './source.js';
import type { Statement } from './statements.js';

/** One command of an ALTER TABLE. */
export interface Alteration {
  table: Name;
  relation: RangeVar | undefined;
  command: AlterTableCmd;
  /** Of the column or the constraint that it is about; empty where it has none. */
  name: string;
  column: ColumnDef | undefined;
  constraint: Constraint | undefined;
  span: Span;
}

/** The commands of an ALTER TABLE; none for another statement. */
export function alterationsOf(statement: Statement): Alteration[] {
  const node = as(statement.node, 'AlterTableStmt');
  if (node === undefined || node.objtype !== 'OBJECT_TABLE') return [];
  const commands = (node.cmds ?? []).flatMap((each) => as(each, 'AlterTableCmd') ?? []);
  const parts = commands.length > 1 ? statement.parts() : [];
  return commands.map((command, index) => ({
    table: nameOf(node.relation),
    relation: node.relation,
    command,
    name: command.name ?? as(command.def, 'ColumnDef')?.colname ?? as(command.def, 'Constraint')?.conname ?? '',
    column: as(command.def, 'ColumnDef'),
    constraint: as(command.def, 'Constraint'),
    span: (parts.length === commands.length ? parts[index] : undefined) ?? statement.span,
  }));
}

/** A constraint that is added to a table, by itself or with a column. */
export interface AddedConstraint {
  table: Name;
  constraint: Constraint;
  /** The column it comes with; null where it is added by itself. */
  column: ColumnDef | null;
  span: Span;
}

export function addedConstraints(statement: Statement): AddedConstraint[] {
  return alterationsOf(statement).flatMap(({ table, command, column, constraint, span }): AddedConstraint[] => {
    if (command.subtype === 'AT_AddConstraint' && constraint !== undefined) {
      return [{ table, constraint, column: null, span }];
    }
    if (command.subtype !== 'AT_AddColumn' || column === undefined) return [];
    return constraintsOf(column).map((each) => ({ table, constraint: each, column, span }));
  });
}
