import { writesOf } from '../reach.js';
import type { Hit, Rule } from '../rule.js';

export const unbatchedWrite: Rule = {
  name: 'unbatched-write',
  severity: 'error',
  claim: 'One statement writes all rows of a table, or a share of them that grows with it.',
  because:
    'It keeps a lock on every row that it has written until its transaction ends: writes of users to these rows wait, the longer the more rows there are. And vacuum cannot clean up behind it.',
  remedy:
    'Write in batches by key, each in a transaction of its own: `WHERE id IN (SELECT id ... LIMIT 1000)` until none is left.',
  references: ['https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS'],
  settledBy: 'work',
  check: ({ statement, schema }) =>
    writesOf(statement, schema).flatMap(({ table, what, reach }): Hit[] => {
      if (reach === 'bounded') return [];
      if (reach === 'all')
        return [
          {
            table,
            message: `${what} writes all rows of ${table}, or a share that grows with it, in one go and keeps them locked to the end.`,
          },
        ];
      return [
        {
          table,
          severity: 'warning',
          message: `How many rows of ${table} this ${what} writes cannot be told; it keeps them locked to the end.`,
        },
      ];
    }),
};
