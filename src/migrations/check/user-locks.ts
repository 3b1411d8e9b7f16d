import { isBookkeeping } from '../trace/frameworks.js';
import { blockingLocks, type Lock } from './locks.js';
import type { Context } from './rule.js';

/** The locks of a statement that users can meet: the files do not create the table, and no framework keeps its books in it. */
export function locksOnUsers(context: Pick<Context, 'statement' | 'postgres' | 'schema'>): Lock[] {
  const { statement, postgres, schema } = context;
  return blockingLocks(statement, postgres, schema).filter(
    ({ table }) => schema.createdIn(table) === null && !isBookkeeping(table),
  );
}
