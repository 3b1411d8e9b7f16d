import { alterationsOf } from '../alterations.js';
import { as } from '../ast.js';
import { hasOption } from '../locks.js';
import { nameOf } from '../names.js';
import type { Hit, Rule } from '../rule.js';

const REWRITES: Readonly<Record<string, string>> = {
  AT_SetLogged: 'SET LOGGED',
  AT_SetUnLogged: 'SET UNLOGGED',
  AT_SetTableSpace: 'SET TABLESPACE',
  AT_SetAccessMethod: 'SET ACCESS METHOD',
};

export const rewriteTable: Rule = {
  name: 'rewrite-table',
  severity: 'error',
  claim: 'A whole table is written anew.',
  because:
    'It is locked ACCESS EXCLUSIVE until the copy and all of its indexes are done: neither reads nor writes go on.',
  remedy: 'Plain VACUUM frees space for reuse without a lock; pg_repack and the like rewrite a table online.',
  references: [
    'https://www.postgresql.org/docs/current/sql-vacuum.html',
    'https://www.postgresql.org/docs/current/sql-cluster.html',
    'https://www.postgresql.org/docs/current/sql-altertable.html',
  ],
  settledBy: 'work',
  check: ({ statement }): Hit[] => {
    const vacuum = as(statement.node, 'VacuumStmt');
    if (vacuum?.is_vacuumcmd === true && hasOption(vacuum.options, 'full')) {
      const tables = (vacuum.rels ?? []).map((each) => nameOf(as(each, 'VacuumRelation')?.relation));
      if (tables.length === 0) return [{ message: 'VACUUM FULL writes every table of the database anew.' }];
      return tables.map((table) => ({
        table,
        message: `VACUUM FULL writes ${table} anew under an ACCESS EXCLUSIVE lock.`,
      }));
    }
    const cluster = as(statement.node, 'ClusterStmt');
    if (cluster !== undefined) {
      if (cluster.relation === undefined) return [{ message: 'CLUSTER writes tables anew.' }];
      const table = nameOf(cluster.relation);
      return [{ table, message: `CLUSTER writes ${table} anew under an ACCESS EXCLUSIVE lock.` }];
    }
    return alterationsOf(statement).flatMap(({ table, command, span }) => {
      const what = REWRITES[command.subtype ?? ''];
      return what === undefined
        ? []
        : [{ table, span, message: `${what} writes ${table} anew under an ACCESS EXCLUSIVE lock.` }];
    });
  },
};
