import type { Rule } from '../rule.js';
import { UNKNOWN_NAME } from '../template.js';
import { locksOnUsers } from '../user-locks.js';

export const severalTablesLocked: Rule = {
  name: 'several-tables-locked',
  severity: 'warning',
  claim: 'One transaction locks several tables that are in use.',
  because:
    'While it waits for the second lock it holds the first: a long reader of one table stops users of the other, and transactions that take them in another order deadlock.',
  remedy: 'One table a transaction; or LOCK them all at the start, with a lock_timeout.',
  references: ['https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS'],
  settledBy: 'no',
  check: (context) => {
    if (context.transaction === null) return [];
    const before = new Set(context.held.map(({ table }) => table).filter((table) => table !== UNKNOWN_NAME));
    const own = new Set(locksOnUsers(context).map(({ table }) => table));
    const more = [...own].filter((table) => table !== UNKNOWN_NAME && !before.has(table));
    // Once is enough: where the second table comes in.
    if (more.length === 0 || before.size > 1 || before.size + more.length < 2) return [];
    return [{ message: `The transaction locks ${[...before, ...more].join(' and ')} together.` }];
  },
};
