import { as, below, strings } from '../ast.js';
import { joined } from '../names.js';
import type { Context, Hit, Rule } from '../rule.js';

export const enumValue: Rule = {
  name: 'enum-value',
  severity: 'error',
  claim: 'A value of an enum is renamed, or a new one is added or used where that fails.',
  because:
    'Queries that name the old value fail ("invalid input value for enum"). A new value cannot be used in the transaction that adds it, and before PostgreSQL 12 it cannot even be added in one.',
  remedy: 'Add the new value, release code that knows both, then write the new one; add it in a migration of its own.',
  references: ['https://www.postgresql.org/docs/current/sql-altertype.html'],
  settledBy: 'old-queries',
  check: (context): Hit[] => {
    const { statement, schema, transaction, postgres } = context;
    const node = as(statement.node, 'AlterEnumStmt');
    if (node === undefined) return usedTooSoon(context);
    const type = joined(strings(node.typeName));
    const createdIn = schema.created.get(`OBJECT_TYPE ${type}`) ?? null;
    if (node.oldVal !== undefined && node.oldVal !== '') {
      return [
        {
          createdIn,
          message: `'${node.oldVal}' of ${type} becomes '${node.newVal}': queries that name it fail, and the running release reads a value that it does not know.`,
        },
      ];
    }
    const isInside = transaction !== null || statement.block !== null;
    if (!isInside || postgres >= 12) return [];
    return [{ createdIn, message: 'ALTER TYPE ... ADD VALUE fails inside of a transaction before PostgreSQL 12.' }];
  },
};

/** A literal that an earlier statement of the transaction added to an enum. */
function usedTooSoon({ statement, transaction, schema }: Context): Hit[] {
  const before = transaction?.statements.slice(0, transaction.statements.indexOf(statement)) ?? [];
  const added = before
    .flatMap(({ node }) => as(node, 'AlterEnumStmt') ?? [])
    .filter(({ oldVal, typeName }) => !oldVal && !schema.created.has(`OBJECT_TYPE ${joined(strings(typeName))}`))
    .map(({ newVal }) => newVal);
  if (added.length === 0) return [];
  const used = [...below({ node: [statement.node] }, 'A_Const')]
    .map(({ sval }) => sval?.sval)
    .find((value) => value !== undefined && added.includes(value));
  if (used === undefined || as(statement.node, 'AlterEnumStmt') !== undefined) return [];
  return [{ message: `'${used}' was added in this transaction and cannot be used before it is committed.` }];
}
