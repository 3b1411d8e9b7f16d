import type { Node, SelectStmt, WithClause } from 'libpg-query';
import { isBookkeeping } from '../trace/frameworks.js';
import { as, below, columnOf, type Kind, kindOf, strings } from './ast.js';
import { nameOf } from './names.js';
import type { Schema } from './schema.js';
import type { Statement } from './statements.js';

/** How many rows a statement writes: all, or a share that grows with the table; nobody knows; or a fixed number. */
export type Reach = 'all' | 'unknown' | 'bounded';

/** A statement that writes rows that are there: its table, and how many of them. */
export interface Write {
  table: string;
  what: 'UPDATE' | 'DELETE' | 'MERGE';
  reach: Reach;
}

/** UPDATE, DELETE and MERGE, those inside of WITH too. */
export function writesOf({ node }: Statement, schema: Schema): Write[] {
  if (!WRITES.has(kindOf(node))) return [];
  const found: Write[] = [];
  const top = { top: [node] };
  const limited = limitedIn(as(node, 'UpdateStmt')?.withClause ?? as(node, 'DeleteStmt')?.withClause);
  for (const update of below(top, 'UpdateStmt')) {
    const table = nameOf(update.relation);
    const reach = reachOf(update.whereClause, { table, schema, limited, from: update.fromClause ?? [] });
    found.push({ table, what: 'UPDATE', reach });
  }
  for (const removal of below(top, 'DeleteStmt')) {
    const table = nameOf(removal.relation);
    const reach = reachOf(removal.whereClause, { table, schema, limited, from: removal.usingClause ?? [] });
    found.push({ table, what: 'DELETE', reach });
  }
  for (const merge of below(top, 'MergeStmt')) {
    const isSmall = as(merge.sourceRelation, 'RangeSubselect') !== undefined && hasLimit(merge.sourceRelation);
    found.push({ table: nameOf(merge.relation), what: 'MERGE', reach: isSmall ? 'bounded' : 'unknown' });
  }
  return found.filter(({ table }) => !isBookkeeping(table));
}

/** Statements that can hold one of them. */
const WRITES: ReadonlySet<Kind> = new Set<Kind>(['UpdateStmt', 'DeleteStmt', 'MergeStmt', 'InsertStmt', 'SelectStmt']);

interface Scope {
  table: string;
  schema: Schema;
  /** Names of WITH queries that have a LIMIT. */
  limited: ReadonlySet<string>;
  /** What the table is joined with. */
  from: readonly Node[];
}

function reachOf(where: Node | undefined, scope: Scope): Reach {
  if (scope.from.some((each) => isLimited(each, scope))) return 'bounded';
  return where === undefined ? 'all' : conditionReach(where, scope);
}

function conditionReach(where: Node, scope: Scope): Reach {
  const logic = as(where, 'BoolExpr');
  if (logic?.boolop === 'AND_EXPR') {
    const parts = logic.args ?? [];
    return isBetween(parts, scope) ? 'bounded' : strongest(parts.map((each) => conditionReach(each, scope)));
  }
  if (logic?.boolop === 'OR_EXPR') return weakest((logic.args ?? []).map((each) => conditionReach(each, scope)));
  if (logic !== undefined) return 'all';
  if (as(where, 'NullTest') !== undefined || as(where, 'BooleanTest') !== undefined) return 'all';
  if (isConstant(where) || columnOf(where) !== null) return 'all';
  if (as(where, 'CurrentOfExpr') !== undefined) return 'bounded';
  const link = as(where, 'SubLink');
  if (link !== undefined)
    return hasLimit(link.subselect) || isLimitedSelect(link.subselect, scope) ? 'bounded' : 'unknown';
  const comparison = as(where, 'A_Expr');
  return comparison === undefined ? 'unknown' : comparisonReach(comparison, scope);
}

function comparisonReach(node: NonNullable<ReturnType<typeof comparisonOf>>, scope: Scope): Reach {
  const operator = strings(node.name).at(-1) ?? '';
  const [left, right] = [node.lexpr, node.rexpr];
  if (left !== undefined && right !== undefined && isConstant(left) && isConstant(right)) return 'all';
  if (left !== undefined && right !== undefined && columnOf(left) !== null && columnOf(right) !== null) return 'all';
  if (hasLimit(right)) return 'bounded';
  const column = columnOf(left) ?? columnOf(right);
  const isKey = column !== null && isKeyColumn(column, scope);
  switch (node.kind) {
    case 'AEXPR_IN':
      return operator === '=' && isKey ? 'bounded' : operator === '=' ? 'unknown' : 'all';
    case 'AEXPR_OP_ANY':
    case 'AEXPR_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
      return isKey ? 'bounded' : 'unknown';
    case 'AEXPR_DISTINCT':
      return 'all';
    default:
  }
  if (operator === '<>' || operator === '!=') return 'all';
  if (operator === '=') {
    if (isKey) return 'bounded';
    return isBoolean(left) || isBoolean(right) ? 'all' : 'unknown';
  }
  // What is older or newer than something is the more, the longer the table lives.
  return /^[<>]=?$/.test(operator) ? 'all' : 'unknown';
}

function comparisonOf(node: Node) {
  return as(node, 'A_Expr');
}

/** Both ends of a stretch of a key: `id > 1000 AND id <= 2000`. */
function isBetween(parts: readonly Node[], scope: Scope): boolean {
  const ends = new Map<string, Set<string>>();
  for (const part of parts) {
    const comparison = as(part, 'A_Expr');
    const column = columnOf(comparison?.lexpr);
    if (column === null || !isKeyColumn(column, scope)) continue;
    const operator = strings(comparison?.name).at(-1)?.[0] ?? '';
    ends.set(column, (ends.get(column) ?? new Set()).add(operator));
  }
  return [...ends.values()].some((found) => found.has('<') && found.has('>'));
}

/** A column that one row has to itself. */
function isKeyColumn(column: string, { table, schema }: Scope): boolean {
  const bare = table.split('.').at(-1) ?? '';
  if (['id', 'uuid', 'guid', 'ctid', `${bare}_id`, `${bare.replace(/s$/, '')}_id`].includes(column)) return true;
  return schema
    .indexesOf(table)
    .some(({ unique, partial, columns }) => unique && !partial && columns.length === 1 && columns[0] === column);
}

function isConstant(node: Node): boolean {
  const inner = as(node, 'TypeCast')?.arg ?? node;
  return as(inner, 'A_Const') !== undefined || as(inner, 'ParamRef') !== undefined;
}

function isBoolean(node: Node | undefined): boolean {
  return as(node, 'A_Const')?.boolval !== undefined;
}

/** Whether a LIMIT stands in it, at any depth. */
function hasLimit(node: Node | undefined): boolean {
  for (const { limitCount } of below({ node: [node] }, 'SelectStmt')) if (limitCount !== undefined) return true;
  return false;
}

/** A WITH query or a subselect that has a LIMIT, or a table that these files make and fill with rows written out. */
function isLimited(node: Node, { limited, schema }: Scope): boolean {
  const relation = as(node, 'RangeVar');
  if (relation !== undefined) {
    const table = schema.tables.get(nameOf(relation));
    return limited.has(relation.relname ?? '') || (table?.createdIn != null && table.filled !== 'many');
  }
  return as(node, 'RangeSubselect') !== undefined && hasLimit(node);
}

/** A select from something that holds few rows. */
function isLimitedSelect(node: Node | undefined, scope: Scope): boolean {
  const select: SelectStmt | undefined = as(node, 'SelectStmt');
  return (select?.fromClause ?? []).some((each) => isLimited(each, scope));
}

function limitedIn(clause: WithClause | undefined): Set<string> {
  const queries = (clause?.ctes ?? []).flatMap((each) => as(each, 'CommonTableExpr') ?? []);
  return new Set(queries.flatMap(({ ctename, ctequery }) => (hasLimit(ctequery) ? (ctename ?? []) : [])));
}

const ORDER: readonly Reach[] = ['bounded', 'unknown', 'all'];

function strongest(reaches: readonly Reach[]): Reach {
  return ORDER.find((each) => reaches.includes(each)) ?? 'all';
}

function weakest(reaches: readonly Reach[]): Reach {
  return ORDER.findLast((each) => reaches.includes(each)) ?? 'all';
}
