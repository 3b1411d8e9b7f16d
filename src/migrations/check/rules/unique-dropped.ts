import { alterationsOf } from '../alterations.js';
import { as } from '../ast.js';
import { nameOfList, sibling } from '../names.js';
import type { Context, Hit, Rule } from '../rule.js';
import type { Index, Schema } from '../schema.js';

export const uniqueDropped: Rule = {
  name: 'unique-dropped',
  severity: 'warning',
  claim: 'A unique index or constraint is dropped that an upsert may need.',
  because:
    'INSERT ... ON CONFLICT (columns) fails with 42P10 where no unique index on these columns is left; foreign keys need one too.',
  remedy:
    'Add the index that takes its place first, and drop this one when no ON CONFLICT of running code names its columns.',
  references: ['https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT'],
  settledBy: 'old-queries',
  check: (context) => [...constraints(context), ...indexes(context)],
};

/** Names that PostgreSQL and the usual frameworks give to unique constraints. */
const UNIQUE_NAME = /(?:_key|_pkey|_pk|_uniq|_unique|_uq)\d*$|^(?:uq|uk|uniq|unique|pk)_|_uniq_[0-9a-f]{8}/i;

function constraints({ statement, schema }: Context): Hit[] {
  return alterationsOf(statement).flatMap(({ table, command, name, span }): Hit[] => {
    if (command.subtype !== 'AT_DropConstraint') return [];
    const index = schema.indexes.get(sibling(table, name));
    if (index === undefined ? !UNIQUE_NAME.test(name) : !index.unique || isReplaced(index, schema)) return [];
    return [
      { table, span, message: `${name} is dropped: an ON CONFLICT of the running release that relies on it fails.` },
    ];
  });
}

function indexes({ statement, schema }: Context): Hit[] {
  const drop = as(statement.node, 'DropStmt');
  if (drop?.removeType !== 'OBJECT_INDEX') return [];
  return (drop.objects ?? []).map(nameOfList).flatMap((name): Hit[] => {
    const index = schema.indexes.get(name);
    if (index === undefined ? !UNIQUE_NAME.test(name) : !index.unique || isReplaced(index, schema)) return [];
    const message = `${name} is dropped: an ON CONFLICT of the running release that relies on it fails.`;
    return [index === undefined ? { message } : { table: index.table, message }];
  });
}

/** Whether another unique index has the same columns. */
function isReplaced(index: Index, schema: Schema): boolean {
  const columns = [...index.columns].sort().join();
  return schema
    .indexesOf(index.table)
    .some(
      (other) =>
        other.name !== index.name && other.unique && !other.partial && [...other.columns].sort().join() === columns,
    );
}
