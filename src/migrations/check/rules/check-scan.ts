import { addedConstraints } from '../alterations.js';
import type { Rule } from '../rule.js';

export const checkScan: Rule = {
  name: 'check-scan',
  severity: 'error',
  claim: 'A CHECK constraint is added that every row is held against at once.',
  because:
    'The table is read from end to end under an ACCESS EXCLUSIVE lock: neither reads nor writes go on meanwhile.',
  remedy:
    'ADD CONSTRAINT ... NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own: that lets reads and writes pass.',
  references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
  settledBy: 'work',
  check: ({ statement }) =>
    addedConstraints(statement)
      .filter(({ constraint }) => constraint.contype === 'CONSTR_CHECK' && constraint.skip_validation !== true)
      .filter(({ constraint }) => constraint.is_enforced !== false)
      .map(({ table, span }) => ({
        table,
        span,
        message: `All of ${table} is read under an ACCESS EXCLUSIVE lock to hold every row against the CHECK.`,
      })),
};
