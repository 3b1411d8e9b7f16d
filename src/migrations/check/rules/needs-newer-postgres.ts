import type { Constraint } from 'libpg-query';
import { addedConstraints, alterationsOf } from '../alterations.js';
import { as, constraintsOf } from '../ast.js';
import { hasOption } from '../locks.js';
import type { Context, Rule } from '../rule.js';
import type { Schema } from '../schema.js';
import type { Statement } from '../statements.js';

export const needsNewerPostgres: Rule = {
  name: 'needs-newer-postgres',
  severity: 'error',
  claim: 'The statement is one of a newer PostgreSQL than the one that it is checked for.',
  because: 'The server refuses it, and the migration fails there.',
  remedy: 'Write it in another way, or name the version of the server by `--postgres`.',
  references: ['https://www.postgresql.org/docs/release/'],
  settledBy: 'work',
  check: ({ statement, postgres, schema }: Context) =>
    needsOf(statement, schema)
      .filter(({ since }) => postgres < since)
      .map(({ what, since }) => ({
        message: `${what} is there from PostgreSQL ${since} on; this is checked for ${postgres}.`,
      })),
};

interface Need {
  what: string;
  since: number;
}

function needsOf(statement: Statement, schema: Schema): Need[] {
  const { node } = statement;
  const needs: (Need | false | undefined)[] = [
    as(node, 'MergeStmt') && { what: 'MERGE', since: 15 },
    as(node, 'CallStmt') && { what: 'CALL', since: 11 },
    as(node, 'CreateFunctionStmt')?.is_procedure === true && { what: 'CREATE PROCEDURE', since: 11 },
    as(node, 'IndexStmt')?.nulls_not_distinct === true && { what: 'NULLS NOT DISTINCT', since: 15 },
    hasOption(as(node, 'ReindexStmt')?.params, 'concurrently') && { what: 'REINDEX CONCURRENTLY', since: 12 },
    as(node, 'VariableSetStmt')?.name === 'transaction_timeout' && { what: 'transaction_timeout', since: 17 },
    ...constraintsIn(statement).map(needOfConstraint),
    ...addedConstraints(statement).map(({ table, constraint: { contype, skip_validation } }): Need | false => {
      if (contype !== 'CONSTR_FOREIGN' || skip_validation !== true) return false;
      return (
        schema.tables.get(table)?.partitioned === true && {
          what: 'A foreign key NOT VALID on a partitioned table',
          since: 18,
        }
      );
    }),
    ...alterationsOf(statement).map(({ command }): Need | false => {
      if (command.subtype === 'AT_SetExpression') return { what: 'SET EXPRESSION', since: 17 };
      if (command.subtype === 'AT_SetAccessMethod') return { what: 'SET ACCESS METHOD', since: 15 };
      if (command.subtype !== 'AT_DetachPartition') return false;
      return (
        as(command.def, 'PartitionCmd')?.concurrent === true && { what: 'DETACH PARTITION CONCURRENTLY', since: 14 }
      );
    }),
  ];
  return needs.filter((each) => typeof each === 'object');
}

function needOfConstraint(constraint: Constraint): Need | false {
  const { contype, generated_kind, is_enforced, keys, nulls_not_distinct, skip_validation, without_overlaps } =
    constraint;
  if (contype === 'CONSTR_GENERATED') {
    return generated_kind === 'v'
      ? { what: 'A virtual generated column', since: 18 }
      : { what: 'A generated column', since: 12 };
  }
  if (contype === 'CONSTR_NOTNULL' && (keys ?? []).length > 0) {
    return { what: skip_validation === true ? 'NOT NULL ... NOT VALID' : 'ADD NOT NULL', since: 18 };
  }
  if ((contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN') && is_enforced === false) {
    return { what: 'NOT ENFORCED', since: 18 };
  }
  if (without_overlaps === true) return { what: 'WITHOUT OVERLAPS', since: 18 };
  return nulls_not_distinct === true && { what: 'NULLS NOT DISTINCT', since: 15 };
}

/** Those of new tables too. */
function constraintsIn(statement: Statement): Constraint[] {
  const elements = as(statement.node, 'CreateStmt')?.tableElts ?? [];
  return [
    ...addedConstraints(statement).map(({ constraint }) => constraint),
    ...elements.flatMap((each) => as(each, 'Constraint') ?? []),
    ...elements.flatMap((each) => constraintsOf(as(each, 'ColumnDef') ?? {})),
  ];
}
