import { type Alteration, alterationsOf } from '../alterations.js';
import { columnsNotNull } from '../expressions.js';
import type { Context, Rule } from '../rule.js';

export const setNotNull: Rule = {
  name: 'set-not-null',
  severity: 'error',
  claim: 'Every row is read to see that a column holds no NULL.',
  because:
    'The table is read from end to end under an ACCESS EXCLUSIVE lock: neither reads nor writes go on meanwhile.',
  remedy:
    'ADD CONSTRAINT ... CHECK (column IS NOT NULL) NOT VALID, VALIDATE it in a transaction of its own, then SET NOT NULL (free from PostgreSQL 12 on), and drop the CHECK.',
  references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL'],
  settledBy: 'work',
  check: (context) =>
    alterationsOf(context.statement)
      .flatMap((each) => columnsOf(each).map((column) => ({ ...each, column })))
      .filter(({ table, column }) => !isKnown(table, column, context))
      .map(({ table, column, span }) => ({
        table,
        span,
        message: `All of ${table} is read to see that ${column} is not NULL, under an ACCESS EXCLUSIVE lock.`,
      })),
};

function columnsOf({ command, name, constraint }: Alteration): string[] {
  if (command.subtype === 'AT_SetNotNull') return [name];
  if (command.subtype !== 'AT_AddConstraint' || constraint?.contype !== 'CONSTR_NOTNULL') return [];
  const keys = (constraint.keys ?? []).flatMap((each) => ('String' in each ? (each.String.sval ?? []) : []));
  return constraint.skip_validation === true ? [] : keys;
}

/** A CHECK that holds says it already, and so does the column where it is NOT NULL. */
function isKnown(table: string, column: string, { schema, postgres }: Context): boolean {
  const known = schema.tables.get(table);
  if (known?.columns.get(column)?.notNull === true) return true;
  return (
    postgres >= 12 &&
    (known?.checks ?? []).some(({ valid, expression }) => valid && columnsNotNull(expression).includes(column))
  );
}
