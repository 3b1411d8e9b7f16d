import { as } from '../ast.js';
import { nameOf } from '../names.js';
import type { Rule } from '../rule.js';

export const refreshMaterializedView: Rule = {
  name: 'refresh-materialized-view',
  severity: 'error',
  claim: 'A materialized view is filled anew while nobody can read it.',
  because: 'REFRESH holds an ACCESS EXCLUSIVE lock as long as its query takes; WITH NO DATA, reads fail afterwards.',
  remedy: 'REFRESH MATERIALIZED VIEW CONCURRENTLY; the view needs a unique index on all of its rows for it.',
  references: ['https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html'],
  settledBy: 'work',
  check: ({ statement, schema }) => {
    const node = as(statement.node, 'RefreshMatViewStmt');
    if (node === undefined) return [];
    const table = nameOf(node.relation);
    if (node.concurrent === true) {
      const isSeen = schema.tables.get(table)?.kind === 'materialized-view';
      const hasKey = schema.indexesOf(table).some(({ unique, partial }) => unique && !partial);
      if (!isSeen || hasKey) return [];
      return [{ table, message: `CONCURRENTLY fails on ${table}: it has no unique index on all of its rows.` }];
    }
    return [
      {
        table,
        message:
          node.skipData === true
            ? `Reads of ${table} fail until it is filled again.`
            : `Reads of ${table} wait as long as its query takes.`,
      },
    ];
  },
};
