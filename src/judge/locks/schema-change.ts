import type { TimeSpan } from '../../model/locks.js';
import type { LockSession, LockWait } from '../../model/watch.js';

/** Locks on tables that no statement on rows asks for. */
const STRONG = [
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

const STATEMENT =
  /(?:^|;)\s*(?:alter|drop|truncate|reindex|cluster|vacuum|refresh|lock|create(?!\s+(?:(?:global|local)\s+)?temp))\b/i;

const AUTOVACUUM = 'autovacuum worker';

/** A session may be a little older than the step by the server's clock, ms. */
const CLOCKS_MS = 50;

export function isSchemaStatement(statement: string | null): boolean {
  return statement !== null && STATEMENT.test(statement);
}

/** The session that waits changes the schema: by the lock that it asks for, or by what it says. */
export function waitsForChange({ locktype, mode, waiting }: LockWait): boolean {
  // An index that is built concurrently waits for the end of transactions.
  const isStrong = (locktype === 'relation' && STRONG.includes(mode)) || locktype === 'virtualxid';
  return isStrong || isSchemaStatement(waiting.statement);
}

/**
 * The session that is waited for changes the schema, or is a job of the migration: it holds such a lock, says so, or was
 * opened in a migrate step by somebody who is none of those that wait. Null where too little of it can be seen.
 */
export function holdsForChange(
  session: LockSession | null,
  migrations: readonly TimeSpan[],
  applications: ReadonlySet<string>,
): boolean | null {
  if (session === null) return null;
  // The server's own housekeeping takes such locks too.
  if (session.application === AUTOVACUUM) return false;
  const { holds, statement, beganAt, application } = session;
  if ((holds !== null && STRONG.includes(holds)) || isSchemaStatement(statement)) return true;
  if (beganAt === null) return null;
  if (application !== null && application !== '' && applications.has(application)) return false;
  return migrations.some(({ from, to }) => beganAt >= from - CLOCKS_MS && beganAt <= to);
}
