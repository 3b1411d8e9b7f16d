import { addedConstraints, alterationsOf } from './alterations.js';
import { as, below, strings } from './ast.js';
import { nameOf } from './names.js';
import { writesOf } from './reach.js';
import type { Context } from './rule.js';

/** What in a statement takes the longer the more rows there are. `certain`: as far as the SQL tells. */
export interface SlowPart {
  what: string;
  certain: boolean;
}

/** The slow part of a statement; null where it has none. */
export function slowPart(context: Context): SlowPart | null {
  const written = writesOf(context.statement, context.schema).find(({ reach }) => reach !== 'bounded');
  if (written !== undefined) {
    const article = written.what === 'UPDATE' ? 'an' : 'a';
    return { what: `${article} ${written.what} goes through ${written.table}`, certain: written.reach === 'all' };
  }
  const what = slowWork(context);
  return what === null ? null : { what, certain: true };
}

function slowWork(context: Context): string | null {
  const { statement, schema } = context;
  const { node } = statement;
  if (as(node, 'IndexStmt') !== undefined) {
    const table = schema.tables.get(nameOf(as(node, 'IndexStmt')?.relation));
    return table?.createdIn != null && table.filled !== 'many' ? null : 'an index is built';
  }
  if (as(node, 'CreateTableAsStmt') !== undefined) return 'a query fills a table';
  if (as(node, 'RefreshMatViewStmt') !== undefined) return 'a materialized view is filled';
  if (as(node, 'ReindexStmt') !== undefined) return 'indexes are built anew';
  if (as(node, 'CopyStmt')?.is_from === true) return 'rows are copied in';
  const from = as(as(node, 'InsertStmt')?.selectStmt, 'SelectStmt');
  if ((from?.fromClause ?? []).length > 0 && from?.limitCount === undefined)
    return 'rows are copied by INSERT ... SELECT';
  const sleep = [...below({ node: [node] }, 'FuncCall')].some(({ funcname }) =>
    strings(funcname).at(-1)?.startsWith('pg_sleep'),
  );
  return sleep ? 'it sleeps' : slowAlteration(context);
}

/** Reads that let others pass by themselves, but not with a lock that is held already. */
function slowAlteration({ statement, schema }: Context): string | null {
  for (const { table, command, name } of alterationsOf(statement)) {
    if (command.subtype === 'AT_ValidateConstraint' && schema.createdIn(table) === null) return `${name} is validated`;
  }
  for (const { table, constraint } of addedConstraints(statement)) {
    if (schema.createdIn(table) !== null) continue;
    if (constraint.contype === 'CONSTR_UNIQUE' && constraint.indexname === undefined) return 'an index is built';
  }
  return null;
}
