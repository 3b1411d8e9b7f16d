import type { Cause } from './cause.js';
import { readsWaited } from './lock-queue.js';
import { lockSign } from './locks-seen.js';
import { must, sign } from './sign.js';

export const writeLock: Cause = {
  name: 'write-lock',
  mode: 28,
  claim: 'A statement of the migration kept writes of a table waiting: an index that is built, or one large UPDATE.',
  signature: 'Writes wait first, for as long as the statement runs; reads follow when the pool is used up.',
  because: 'CREATE INDEX takes a SHARE lock; an UPDATE of many rows keeps each row locked until it commits.',
  remedy: 'Build indexes CONCURRENTLY, and fill columns in batches that commit.',
  fixes: {
    postgres:
      'PostgreSQL: `CREATE INDEX CONCURRENTLY`; `UPDATE ... WHERE id BETWEEN ...` in batches of some thousand rows.',
  },
  references: ['https://www.postgresql.org/docs/current/sql-createindex.html'],
  signs: (v) => [
    must(v.incident.stalls.length > 0 || v.share('timeout') > 0.5, 'requests waited', 1),
    must(v.share('refused', 'reset', 'closed') < 0.1, 'no connection failed', 0),
    lockSign(v.locks, 'held', 'a change of the schema held the lock that sessions waited for'),
    sign(v.kind === 'migrate', 4, 'in a migration'),
    sign(v.processes.appUntouched, 1, 'no process was replaced'),
    sign(!readsWaited(v) || (v.writesFirstMs ?? 0) > 300, 3, 'writes waited first, or alone'),
    sign(v.failed <= 5, 1, 'without errors'),
  ],
};
