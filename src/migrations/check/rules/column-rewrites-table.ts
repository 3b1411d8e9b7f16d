import type { ColumnDef } from 'libpg-query';
import { alterationsOf } from '../alterations.js';
import { isSerial } from '../apply-table.js';
import { constraintsOf, typeOf } from '../ast.js';
import { volatileCall } from '../expressions.js';
import type { Context, Rule } from '../rule.js';

export const columnRewritesTable: Rule = {
  name: 'column-rewrites-table',
  severity: 'error',
  claim: 'A column is added whose values have to be written into every row at once.',
  because: 'The whole table is written anew, with its indexes, while neither reads nor writes of it are possible.',
  remedy:
    'Add the column without a default, SET DEFAULT in a statement of its own for new rows, and fill the old rows in batches.',
  references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
  settledBy: 'work',
  check: (context) =>
    alterationsOf(context.statement).flatMap(({ table, command, column, name, span }) => {
      if (command.subtype === 'AT_SetExpression') {
        return [
          {
            table,
            span,
            message: `Generated column ${name} of ${table} is computed anew for every row under an ACCESS EXCLUSIVE lock.`,
          },
        ];
      }
      if (command.subtype !== 'AT_AddColumn' || column === undefined) return [];
      const why = reasonOf(column, context);
      if (why === null) return [];
      return [
        {
          table,
          span,
          message: `Column ${name} makes PostgreSQL write ${table} anew under an ACCESS EXCLUSIVE lock: ${why}.`,
        },
      ];
    }),
};

function reasonOf(column: ColumnDef, { postgres, schema }: Context): string | null {
  const constraints = constraintsOf(column);
  if (isSerial(column)) return `${typeOf(column.typeName)?.name} takes a number of a sequence for each row`;
  if (constraints.some(({ contype }) => contype === 'CONSTR_IDENTITY')) {
    return 'an identity column takes a number of a sequence for each row';
  }
  const generated = constraints.find(({ contype }) => contype === 'CONSTR_GENERATED');
  if (generated !== undefined)
    return generated.generated_kind === 'v' ? null : 'a stored generated column is computed for each row';
  const type = typeOf(column.typeName)?.name ?? '';
  if (schema.domains.get(type)?.constrained === true) return `every row is held against the constraints of ${type}`;
  const value = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
  if (value === undefined) return null;
  if (postgres < 11) return 'before PostgreSQL 11 every default is written into each row';
  const call = volatileCall(value, schema);
  return call === null ? null : `its default calls ${call}(), which may give another value for each row`;
}
