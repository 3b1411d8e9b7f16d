import { as, strings } from './ast.js';
import { joined, type Name, nameOf, sibling } from './names.js';
import type { Context } from './rule.js';
import type { Statement } from './statements.js';

/**
 * Whether something of this name is there again after the statement: by the end of its transaction, so that nobody
 * sees it gone; by the end of the file; or not.
 */
export function comesBack(name: Name, { statement, transaction, rest }: Context): 'in-transaction' | 'later' | 'no' {
  const makers = rest().filter((each) => made(each) === name);
  if (makers.length === 0) return 'no';
  const together = transaction?.statements ?? [];
  return makers.some((maker) => together.includes(maker) && together.includes(statement)) ? 'in-transaction' : 'later';
}

/** The name of what a statement makes, or gives that name to. */
function made({ node }: Statement): Name | null {
  const table = as(node, 'CreateStmt') ?? null;
  if (table !== null) return nameOf(table.relation);
  const view = as(node, 'ViewStmt');
  if (view !== undefined) return nameOf(view.view);
  const filled = as(node, 'CreateTableAsStmt');
  if (filled !== undefined) return nameOf(filled.into?.rel);
  const rename = as(node, 'RenameStmt');
  if (rename !== undefined && rename.subname === undefined)
    return sibling(nameOf(rename.relation), rename.newname ?? '');
  const routine = as(node, 'CreateFunctionStmt');
  if (routine !== undefined) return joined(strings(routine.funcname));
  const index = as(node, 'IndexStmt');
  if (index !== undefined) return sibling(nameOf(index.relation), index.idxname ?? '');
  return null;
}
