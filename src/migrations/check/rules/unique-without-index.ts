import { addedConstraints } from '../alterations.js';
import type { Rule } from '../rule.js';

const WHAT: Readonly<Record<string, string>> = {
  CONSTR_UNIQUE: 'The UNIQUE constraint',
  CONSTR_PRIMARY: 'The PRIMARY KEY',
};

export const uniqueWithoutIndex: Rule = {
  name: 'unique-without-index',
  severity: 'error',
  claim: 'A UNIQUE constraint or PRIMARY KEY is added that has no index yet.',
  because: 'Its index is built under an ACCESS EXCLUSIVE lock: neither reads nor writes of the table go on meanwhile.',
  remedy:
    'CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT ... UNIQUE (or PRIMARY KEY) USING INDEX: that takes a moment.',
  references: [
    'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX',
  ],
  settledBy: 'work',
  check: ({ statement }) =>
    addedConstraints(statement).flatMap(({ table, constraint, span }) => {
      const what = WHAT[constraint.contype ?? ''];
      if (what === undefined || constraint.indexname !== undefined) return [];
      return [{ table, span, message: `${what} builds an index on ${table} under an ACCESS EXCLUSIVE lock.` }];
    }),
};
