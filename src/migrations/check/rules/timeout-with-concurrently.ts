import { alterationsOf } from '../alterations.js';
import { as } from '../ast.js';
import { hasOption } from '../locks.js';
import type { Rule } from '../rule.js';
import type { Statement } from '../statements.js';

export const timeoutWithConcurrently: Rule = {
  name: 'timeout-with-concurrently',
  severity: 'warning',
  claim: 'A timeout can end work that runs CONCURRENTLY.',
  because:
    'CONCURRENTLY has to wait for other transactions and keeps nobody waiting by it; a timeout that strikes meanwhile leaves an INVALID index behind.',
  remedy: 'SET lock_timeout = 0 and SET statement_timeout = 0 before it, and set them again after it.',
  references: ['https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY'],
  settledBy: 'no',
  check: ({ statement, settings }) => {
    if (!isConcurrent(statement)) return [];
    const names = [
      settings.lockTimeout ? ['lock_timeout'] : [],
      settings.statementTimeout ? ['statement_timeout'] : [],
    ].flat();
    if (names.length === 0) return [];
    return [{ message: `${names.join(' or ')} may end it half way, which leaves something INVALID behind.` }];
  },
};

function isConcurrent(statement: Statement): boolean {
  const { node } = statement;
  return (
    as(node, 'IndexStmt')?.concurrent === true ||
    as(node, 'DropStmt')?.concurrent === true ||
    hasOption(as(node, 'ReindexStmt')?.params, 'concurrently') ||
    alterationsOf(statement).some(({ command }) => as(command.def, 'PartitionCmd')?.concurrent === true)
  );
}
