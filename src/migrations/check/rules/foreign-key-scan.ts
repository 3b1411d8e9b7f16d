import { type AddedConstraint, addedConstraints } from '../alterations.js';
import { constraintsOf } from '../ast.js';
import { nameOf } from '../names.js';
import type { Rule } from '../rule.js';

export const foreignKeyScan: Rule = {
  name: 'foreign-key-scan',
  severity: 'error',
  claim: 'A foreign key is added that every row is held against at once.',
  because: 'The table is read from end to end while writes to it and to the table it refers to have to wait.',
  remedy:
    'ADD CONSTRAINT ... NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own: that lets reads and writes pass.',
  references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
  settledBy: 'work',
  check: ({ statement }) =>
    addedConstraints(statement)
      .filter(isChecked)
      .map(({ table, constraint, span }) => ({
        table,
        span,
        message: `All of ${table} is read to find each row in ${nameOf(constraint.pktable)}; writes to both tables wait meanwhile.`,
      })),
};

/** One on a new column without a default has nothing to look for: it is NULL in every row. */
function isChecked({ constraint, column }: AddedConstraint): boolean {
  if (constraint.contype !== 'CONSTR_FOREIGN' || constraint.skip_validation === true) return false;
  if (constraint.is_enforced === false) return false;
  return column === null || constraintsOf(column).some(({ contype }) => contype === 'CONSTR_DEFAULT');
}
