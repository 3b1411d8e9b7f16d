import { as, strings } from '../ast.js';
import { comesBack } from '../future.js';
import { joined, nameOf, nameOfList } from '../names.js';
import type { Rule } from '../rule.js';

export const moveSchema: Rule = {
  name: 'move-schema',
  severity: 'error',
  claim: 'Something that running code names moves to another schema.',
  because: 'Queries find it only where their search_path holds the new schema; names with a schema never do.',
  remedy: 'Leave a view behind in the old schema, in the same transaction, and drop it a release later.',
  references: ['https://www.postgresql.org/docs/current/ddl-schemas.html'],
  settledBy: 'old-queries',
  check: (context) => {
    const node = as(context.statement.node, 'AlterObjectSchemaStmt');
    if (node === undefined || node.objectType === 'OBJECT_EXTENSION') return [];
    const name =
      node.relation === undefined
        ? joined(strings(as(node.object, 'ObjectWithArgs')?.objname)) || nameOfList(node.object)
        : nameOf(node.relation);
    if (comesBack(name, context) === 'in-transaction') return [];
    return [
      {
        table: name,
        createdIn: context.schema.created.get(`${node.objectType} ${name}`) ?? null,
        message: `${name} moves to schema ${node.newschema}: queries of the running release do not find it there.`,
      },
    ];
  },
};
