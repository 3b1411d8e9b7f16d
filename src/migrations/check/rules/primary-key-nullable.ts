import { addedConstraints } from '../alterations.js';
import { columnsNotNull } from '../expressions.js';
import { sibling } from '../names.js';
import type { Context, Hit, Rule } from '../rule.js';

export const primaryKeyNullable: Rule = {
  name: 'primary-key-nullable',
  severity: 'error',
  claim: 'A PRIMARY KEY is made of an index on a column that may be NULL.',
  because:
    'PostgreSQL sets the column NOT NULL first and reads the whole table for it, under an ACCESS EXCLUSIVE lock.',
  remedy: 'Make the column NOT NULL before, by a validated CHECK (column IS NOT NULL) and SET NOT NULL.',
  references: [
    'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX',
  ],
  settledBy: 'work',
  check: (context) =>
    addedConstraints(context.statement).flatMap(({ table, constraint, span }): Hit[] => {
      if (constraint.contype !== 'CONSTR_PRIMARY' || constraint.indexname === undefined) return [];
      const columns = context.schema.indexes.get(sibling(table, constraint.indexname))?.columns ?? [];
      const nullable = columns.filter((column) => mayBeNull(table, column, context) === true);
      if (nullable.length > 0) {
        return [{ table, span, message: `All of ${table} is read to see that ${nullable.join(', ')} is not NULL.` }];
      }
      if (columns.length > 0 && columns.every((column) => mayBeNull(table, column, context) === false)) return [];
      return [
        {
          table,
          span,
          severity: 'warning',
          message: `Where a column of the index may be NULL, all of ${table} is read under an ACCESS EXCLUSIVE lock.`,
        },
      ];
    }),
};

function mayBeNull(table: string, column: string, { schema, postgres }: Context): boolean | null {
  const known = schema.column(table, column);
  const checks = schema.tables.get(table)?.checks ?? [];
  if (known?.notNull === true) return false;
  if (postgres >= 12 && checks.some(({ valid, expression }) => valid && columnsNotNull(expression).includes(column)))
    return false;
  return known?.notNull === false ? true : null;
}
