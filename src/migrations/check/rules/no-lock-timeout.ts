import type { Context, Rule } from '../rule.js';
import { locksOnUsers } from '../user-locks.js';

export const noLockTimeout: Rule = {
  name: 'no-lock-timeout',
  severity: 'warning',
  claim: 'A lock is waited for without an end.',
  because:
    'While it waits behind one long query everyone else waits behind it: a lock that is needed for a millisecond stops the table for as long as that query takes.',
  remedy:
    "SET lock_timeout = '2s' before it, and try again when it strikes. A lock_timeout of the role (ALTER ROLE ... SET) is not seen here.",
  references: ['https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT'],
  settledBy: 'no',
  check: (context) => {
    const tables = lockedBy(context);
    if (tables.length === 0 || context.settings.lockTimeout) return [];
    return [
      { message: `It waits for a lock on ${tables.join(', ')} without a lock_timeout, and users wait behind it.` },
    ];
  },
};

/** The tables in use that a statement asks for and its transaction does not hold yet. */
function lockedBy(context: Context): string[] {
  const tables = locksOnUsers(context)
    .map(({ table }) => table)
    .filter((table) => !context.held.some((lock) => lock.table === table));
  return [...new Set(tables)];
}
