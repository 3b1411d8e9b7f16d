import { as } from '../ast.js';
import { hasOption } from '../locks.js';
import { nameOf } from '../names.js';
import type { Rule } from '../rule.js';

export const reindex: Rule = {
  name: 'reindex',
  severity: 'error',
  claim: 'Indexes are built anew while the table is locked.',
  because: 'Writes wait until it is done, and so do reads that would use the index, as its lock is ACCESS EXCLUSIVE.',
  remedy: 'REINDEX ... CONCURRENTLY (from PostgreSQL 12 on), outside of a transaction.',
  references: ['https://www.postgresql.org/docs/current/sql-reindex.html'],
  settledBy: 'work',
  check: ({ statement, schema }) => {
    const node = as(statement.node, 'ReindexStmt');
    if (node === undefined || hasOption(node.params, 'concurrently')) return [];
    const name = node.relation === undefined ? (node.name ?? 'the database') : nameOf(node.relation);
    const table = node.kind === 'REINDEX_OBJECT_INDEX' ? (schema.indexes.get(name)?.table ?? name) : name;
    return [{ table, message: `Reads and writes wait until the indexes of ${name} are built anew.` }];
  },
};
