import { addedConstraints } from '../alterations.js';
import type { Rule } from '../rule.js';

export const exclusionConstraint: Rule = {
  name: 'exclusion-constraint',
  severity: 'error',
  claim: 'An EXCLUDE constraint is added to a table in use.',
  because:
    'Its index is built under an ACCESS EXCLUSIVE lock, and there is no other way: it knows neither NOT VALID nor USING INDEX.',
  remedy:
    'Make a new table with the constraint, copy in batches, and switch; or watch over it in code or by a trigger.',
  references: ['https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-EXCLUDE'],
  settledBy: 'work',
  check: ({ statement }) =>
    addedConstraints(statement)
      .filter(({ constraint }) => constraint.contype === 'CONSTR_EXCLUSION')
      .map(({ table, span }) => ({
        table,
        span,
        message: `The EXCLUDE constraint builds an index on ${table} under an ACCESS EXCLUSIVE lock.`,
      })),
};
