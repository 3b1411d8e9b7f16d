import { alterationsOf } from '../alterations.js';
import { isSerial } from '../apply-table.js';
import { constraintsOf } from '../ast.js';
import type { Rule } from '../rule.js';

export const requiredColumn: Rule = {
  name: 'required-column',
  severity: 'error',
  claim: 'A column is added that must not be NULL and has no default.',
  because:
    'It fails where the table has a row; where it has none, every INSERT of the running release fails, for it does not know the column.',
  remedy: 'Give it a constant default, which costs nothing from PostgreSQL 11 on, or add it nullable.',
  references: ['https://www.postgresql.org/docs/current/sql-altertable.html'],
  settledBy: 'no',
  check: ({ statement }) =>
    alterationsOf(statement).flatMap(({ table, command, column, name, span }) => {
      if (command.subtype !== 'AT_AddColumn' || column === undefined || isSerial(column)) return [];
      const kinds = constraintsOf(column).map(({ contype }) => contype);
      const required = kinds.includes('CONSTR_NOTNULL') || kinds.includes('CONSTR_PRIMARY');
      const filled = (['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED'] as const).some((each) =>
        kinds.includes(each),
      );
      if (!required || filled) return [];
      return [
        {
          table,
          span,
          message: `Column ${name} of ${table} is NOT NULL without a default: it fails on a table with rows.`,
        },
      ];
    }),
};
