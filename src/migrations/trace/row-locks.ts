import type { RangeVar } from 'libpg-query';
import { as, below } from '../check/ast.js';
import type { Statement } from '../check/statements.js';
import { isBookkeeping } from './frameworks.js';
import type { Relation, Relations } from './relations.js';
import type { SeenStatement } from './session.js';

const COUNT = /(\d+)$/;

/** How many rows of which tables that were there before a statement keeps locked to the end of its transaction. */
export function lockedRows(
  { tag }: SeenStatement,
  statement: Statement | null,
  relations: Relations,
): { rows: number; targets: Relation[] } {
  const targets = statement === null ? [] : targetsOf(statement).flatMap((each) => relationOf(each, relations) ?? []);
  return { rows: targets.length === 0 ? 0 : Number(COUNT.exec(tag ?? '')?.[1] ?? 0), targets };
}

/** Tables whose rows a statement changes or locks; an INSERT locks rows that are there in a conflict only. */
function targetsOf({ node }: Statement): RangeVar[] {
  const insert = as(node, 'InsertStmt');
  const direct = [
    as(node, 'UpdateStmt')?.relation,
    as(node, 'DeleteStmt')?.relation,
    as(node, 'MergeStmt')?.relation,
    insert?.onConflictClause?.action === 'ONCONFLICT_UPDATE' ? insert.relation : undefined,
  ].filter((each) => each !== undefined);
  const select = as(node, 'SelectStmt');
  return select?.lockingClause === undefined ? direct : [...below(select.fromClause, 'RangeVar')];
}

export function relationOf({ schemaname, relname = '' }: RangeVar, relations: Relations): Relation | null {
  if (isBookkeeping(relname)) return null;
  const full = schemaname === undefined || schemaname === 'public' ? relname : `${schemaname}.${relname}`;
  for (const relation of relations.values()) {
    if (relation.name === full || (schemaname === undefined && relation.bare === relname)) return relation;
  }
  return null;
}
