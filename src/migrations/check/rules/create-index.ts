import { as } from '../ast.js';
import { nameOf } from '../names.js';
import type { Hit, Rule } from '../rule.js';

export const createIndex: Rule = {
  name: 'create-index',
  severity: 'error',
  claim: 'An index is built while writes to its table wait.',
  because: 'CREATE INDEX holds a SHARE lock until the index is done, which takes the longer the more rows there are.',
  remedy: 'CREATE INDEX CONCURRENTLY, outside of a transaction; if it fails it leaves an INVALID index to drop.',
  references: ['https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY'],
  settledBy: 'work',
  check: ({ statement, schema }): Hit[] => {
    const node = as(statement.node, 'IndexStmt');
    if (node === undefined) return [];
    const table = nameOf(node.relation);
    const partitioned = schema.tables.get(table)?.partitioned === true;
    if (node.concurrent === true) {
      if (!partitioned) return [];
      return [
        {
          table,
          message: `${table} is partitioned: CONCURRENTLY fails on it.`,
          remedy:
            'CREATE INDEX ON ONLY the parent, CONCURRENTLY on each partition, then ALTER INDEX ... ATTACH PARTITION.',
        },
      ];
    }
    // On the parent alone there is nothing to build.
    if (node.relation?.inh !== true) return [];
    return [{ table, message: `Writes to ${table} wait until the index is built.` }];
  },
};
