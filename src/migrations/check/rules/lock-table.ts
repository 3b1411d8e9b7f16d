import { as } from '../ast.js';
import { blocksReads, blocksWrites, LOCK_MODES } from '../locks.js';
import { nameOf } from '../names.js';
import type { Hit, Rule } from '../rule.js';

export const lockTable: Rule = {
  name: 'lock-table',
  severity: 'warning',
  claim: 'A table is locked by hand.',
  because: 'Others wait from there to the end of the transaction, whatever it still has to do.',
  remedy: 'Lock rows instead (SELECT ... FOR UPDATE), or use a weaker mode, and end the transaction at once.',
  references: ['https://www.postgresql.org/docs/current/sql-lock.html'],
  settledBy: 'work',
  check: ({ statement, transaction }) => {
    const node = as(statement.node, 'LockStmt');
    const mode = LOCK_MODES[(node?.mode ?? 1) - 1];
    if (node === undefined || mode === undefined) return [];
    if (transaction === null) {
      return [
        {
          severity: 'error',
          message: 'LOCK TABLE fails outside of a transaction.',
          remedy: 'Put it between BEGIN and COMMIT.',
        },
      ];
    }
    if (!blocksWrites(mode)) return [];
    const who = blocksReads(mode) ? 'Reads and writes' : 'Writes';
    return (node.relations ?? [])
      .map((each) => nameOf(as(each, 'RangeVar')))
      .map((table): Hit => ({ table, message: `${who} of ${table} wait until the transaction ends (${mode}).` }));
  },
};
