import { as } from '../ast.js';
import { comesBack } from '../future.js';
import { nameOfList } from '../names.js';
import type { Rule } from '../rule.js';

const WHAT: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'Table',
  OBJECT_VIEW: 'View',
  OBJECT_MATVIEW: 'Materialized view',
  OBJECT_FOREIGN_TABLE: 'Foreign table',
};

export const dropTable: Rule = {
  name: 'drop-table',
  severity: 'error',
  claim: 'A table or view is dropped that code which is still running may use.',
  because: 'Queries of the running release that name it fail until the last old process is gone, and after a rollback.',
  remedy:
    'Release code that no longer uses it first, and drop it a release later. A view can be replaced by CREATE OR REPLACE VIEW, or dropped and created in one transaction.',
  references: ['https://www.postgresql.org/docs/current/sql-droptable.html'],
  settledBy: 'old-queries',
  check: (context) => {
    const drop = as(context.statement.node, 'DropStmt');
    const what = WHAT[drop?.removeType ?? ''];
    if (drop === undefined || what === undefined) return [];
    return (drop.objects ?? []).map(nameOfList).map((name) => {
      const back = comesBack(name, context);
      const parent = context.schema.tables.get(name)?.partOf ?? null;
      if (parent !== null) {
        return {
          table: name,
          severity: 'warning' as const,
          message: `${name}, a partition of ${parent}, is dropped with its rows: only queries that name it itself fail.`,
        };
      }
      if (back === 'in-transaction') {
        return {
          table: name,
          severity: 'warning' as const,
          message: `${what} ${name} is dropped and made anew in the same transaction: queries wait for it meanwhile.`,
        };
      }
      const until = back === 'later' ? 'until it is made anew' : 'from here on';
      return { table: name, message: `${what} ${name} is dropped: queries of the running release fail ${until}.` };
    });
  },
};
