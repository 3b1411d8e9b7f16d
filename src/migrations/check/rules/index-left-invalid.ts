import { as } from '../ast.js';
import { nameOf } from '../names.js';
import type { Rule } from '../rule.js';

export const indexLeftInvalid: Rule = {
  name: 'index-left-invalid',
  severity: 'note',
  claim: 'A second attempt takes a half-built index for a finished one.',
  because:
    'CREATE INDEX CONCURRENTLY that fails leaves an INVALID index behind; IF NOT EXISTS then finds the name, does nothing, and succeeds.',
  remedy: 'DROP INDEX CONCURRENTLY IF EXISTS before it.',
  references: ['https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY'],
  settledBy: 'no',
  check: ({ statement }) => {
    const node = as(statement.node, 'IndexStmt');
    if (node?.concurrent !== true || node.if_not_exists !== true) return [];
    return [
      {
        table: nameOf(node.relation),
        message: `If it fails, ${node.idxname ?? 'the index'} stays INVALID and IF NOT EXISTS hides it the next time.`,
      },
    ];
  },
};
