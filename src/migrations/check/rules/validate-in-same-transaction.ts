import { alterationsOf } from '../alterations.js';
import type { Rule } from '../rule.js';

export const validateInSameTransaction: Rule = {
  name: 'validate-in-same-transaction',
  severity: 'error',
  claim: 'A constraint is added NOT VALID and validated in the same transaction.',
  because:
    'The lock of ADD CONSTRAINT is held until the transaction ends, so that every row is read under it: NOT VALID gains nothing.',
  remedy: 'Commit after ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in a transaction of its own.',
  references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
  settledBy: 'work',
  check: ({ statement, transaction }) => {
    const together = transaction?.statements ?? [statement];
    const before = together.slice(0, together.indexOf(statement) + 1).flatMap(alterationsOf);
    return alterationsOf(statement)
      .filter(({ command }) => command.subtype === 'AT_ValidateConstraint')
      .filter(({ table, name }) =>
        before.some(
          (each) => each.command.subtype === 'AT_AddConstraint' && each.table === table && each.name === name,
        ),
      )
      .map(({ table, name, span }) => ({
        table,
        span,
        message: `${name} is validated while the lock that adding it took on ${table} is still held.`,
      }));
  },
};
