import { as } from '../ast.js';
import { nameOfList } from '../names.js';
import type { Rule } from '../rule.js';

export const dropIndex: Rule = {
  name: 'drop-index',
  severity: 'warning',
  claim: 'An index is dropped under a lock on its table.',
  because: 'The lock is held for a moment, but it waits for every running query, and everyone waits behind it.',
  remedy: 'DROP INDEX CONCURRENTLY, outside of a transaction.',
  references: ['https://www.postgresql.org/docs/current/sql-dropindex.html'],
  settledBy: 'no',
  check: ({ statement, schema }) => {
    const drop = as(statement.node, 'DropStmt');
    if (drop?.removeType !== 'OBJECT_INDEX' || drop.concurrent === true) return [];
    return (drop.objects ?? []).map(nameOfList).map((name) => {
      const table = schema.indexes.get(name)?.table;
      const message = `Index ${name} is dropped under an ACCESS EXCLUSIVE lock on ${table ?? 'its table'}.`;
      return table === undefined ? { message } : { table, message };
    });
  },
};
