/** What the trace can find, as `explain` tells it. */
export interface TraceRule {
  /** As a sentence. */
  claim: string;
  because: string;
  remedy: string;
  references: readonly string[];
}

const LOCKS = 'https://www.postgresql.org/docs/current/explicit-locking.html';
const ALTER_TABLE = 'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES';
const CREATE_INDEX = 'https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY';
const PLANS = 'https://www.postgresql.org/docs/current/sql-prepare.html';

/** By name. */
export const TRACE_RULES = {
  'table-rewritten': {
    claim: 'The statement writes a whole table anew.',
    because:
      'It holds ACCESS EXCLUSIVE meanwhile: every read and write of the table waits, the longer the more rows there are.',
    remedy:
      'Add a new column (or table), write both, copy in batches, and switch: nothing is written anew under a lock.',
    references: [ALTER_TABLE],
  },
  'scan-under-lock': {
    claim: 'The statement reads a whole table while its transaction holds a lock that others wait for.',
    because: 'How long that takes grows with the table.',
    remedy: 'Add the constraint NOT VALID, and VALIDATE it in a later transaction: that lets reads and writes go on.',
    references: [ALTER_TABLE, LOCKS],
  },
  'index-built-under-lock': {
    claim: 'The statement builds an index while writes of the table wait.',
    because: 'How long that takes grows with the table.',
    remedy: 'Build it with CREATE INDEX CONCURRENTLY, outside of a transaction; then use the index.',
    references: [CREATE_INDEX],
  },
  'slow-under-lock': {
    claim:
      'The transaction works through more rows the larger the tables are, while it holds a lock that others wait for.',
    because:
      'A lock is kept to the end of its transaction: everything after the statement that took it makes others wait.',
    remedy:
      'Commit the statement that takes the lock by itself; what takes long goes before or after it, in another transaction.',
    references: [LOCKS],
  },
  'blocks-while-it-grows': {
    claim: 'A lock that others wait for was held for longer with more rows, in several runs of both sizes.',
    because: 'The wait in production is that of the rows in production.',
    remedy:
      'Commit the statement that takes the lock by itself; what takes long goes before or after it, in another transaction.',
    references: [LOCKS],
  },
  'locks-many-rows': {
    claim: 'One transaction changes a number of rows that grows with the table.',
    because: 'Each of them stays locked to the end of the transaction: whoever writes one of them waits.',
    remedy: 'Change a few thousand rows at a time, each batch in a transaction of its own.',
    references: [LOCKS],
  },
  'statement-fails': {
    claim: 'The migration fails.',
    because: 'What it had done and committed before stays behind.',
    remedy: 'Correct the migration.',
    references: [],
  },
  'fails-by-values': {
    claim: 'The migration fails by values of rows that were made up, and works without rows.',
    because: 'Whether it fails in production depends on what is there.',
    remedy: 'Give it data to work on: rows in --schema, or a database with staging data (--database).',
    references: [],
  },
  'invalid-index-left': {
    claim: 'An index is left behind invalid.',
    because: 'Every write pays for it, and no query uses it.',
    remedy: 'DROP INDEX CONCURRENTLY it, remove what made it fail, and build it again.',
    references: [CREATE_INDEX],
  },
  'old-query-fails': {
    claim: 'A query of the old release fails after the migration.',
    because: 'The old release runs until the switch, and again after a rollback.',
    remedy: 'Split it: a release that no longer needs it first, and the change itself in a later one.',
    references: [],
  },
  'prepared-query-fails': {
    claim: 'A query of the old release fails on connections that have prepared it before the migration.',
    because:
      'The server does not change the columns of a prepared statement: `cached plan must not change result type`.',
    remedy: 'Name the columns in the query instead of `*`, or open new connections right after the migration.',
    references: [PLANS],
  },
  'rollback-fails': {
    claim: 'The way back fails.',
    because: 'A release that goes wrong could not be undone.',
    remedy: 'Correct the way back, or do without one and go forward.',
    references: [],
  },
  'rollback-new-query-fails': {
    claim: 'A query of the new release fails after the way back.',
    because: 'The new release still runs while its schema is taken away.',
    remedy: 'Switch the code back first, and take the schema back when nothing of the new release runs any more.',
    references: [],
  },
  'rollback-old-query-fails': {
    claim: 'A query of the old release fails after the way back.',
    because: 'The way back does not lead where it came from.',
    remedy: 'Correct the way back.',
    references: [],
  },
} as const satisfies Record<string, TraceRule>;

export type TraceRuleName = keyof typeof TRACE_RULES;
