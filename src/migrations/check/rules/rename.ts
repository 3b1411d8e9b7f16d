import { as, strings, typeOf } from '../ast.js';
import { comesBack } from '../future.js';
import { joined, nameOf } from '../names.js';
import type { Context, Hit, Rule } from '../rule.js';

export const rename: Rule = {
  name: 'rename',
  severity: 'error',
  claim: 'Something that running code names gets another name.',
  because:
    'There is no moment at which both releases find the name they know: the old one fails until it is gone, and again after a rollback.',
  remedy:
    'A table: rename it and create a view under the old name, in one transaction. A column: add the new one, write both, copy in batches, and drop the old one a release later.',
  references: [
    'https://www.postgresql.org/docs/current/sql-altertable.html',
    'https://www.postgresql.org/docs/current/sql-createview.html',
  ],
  settledBy: 'old-queries',
  check: (context) => {
    const node = as(context.statement.node, 'RenameStmt');
    if (node === undefined) return [];
    const from = nameOf(node.relation);
    const to = node.newname ?? '';
    switch (node.renameType) {
      case 'OBJECT_COLUMN':
        return [
          { table: from, message: `Column ${node.subname} of ${from} is renamed to ${to}: queries that name it fail.` },
        ];
      case 'OBJECT_TABLE':
      case 'OBJECT_VIEW':
      case 'OBJECT_MATVIEW':
      case 'OBJECT_FOREIGN_TABLE':
        return [renamedTable(from, to, context)];
      case 'OBJECT_SEQUENCE':
        return [
          { severity: 'warning', message: `Sequence ${from} is renamed to ${to}: \`nextval\` by the old name fails.` },
        ];
      case 'OBJECT_TABCONSTRAINT':
        return [
          {
            table: from,
            severity: 'note',
            message: `Constraint ${node.subname} of ${from} is renamed: an ON CONFLICT ON CONSTRAINT that names it fails.`,
          },
        ];
      default:
        return renamedObject(context);
    }
  },
};

function renamedTable(from: string, to: string, context: Context): Hit {
  const back = comesBack(from, context);
  if (back === 'in-transaction') {
    return {
      table: from,
      severity: 'note',
      message: `${from} is renamed to ${to}, and something else bears its name when the transaction ends.`,
    };
  }
  const until = back === 'later' ? 'until something else bears the name' : 'from here on';
  return { table: from, message: `${from} is renamed to ${to}: queries that name it fail ${until}.` };
}

const WHAT: Readonly<Record<string, string>> = {
  OBJECT_ATTRIBUTE: 'Attribute',
  OBJECT_DOMAIN: 'Domain',
  OBJECT_FUNCTION: 'Function',
  OBJECT_PROCEDURE: 'Procedure',
  OBJECT_ROUTINE: 'Routine',
  OBJECT_SCHEMA: 'Schema',
  OBJECT_TYPE: 'Type',
  OBJECT_DATABASE: 'Database',
};

function renamedObject({ statement, schema }: Context): Hit[] {
  const node = as(statement.node, 'RenameStmt');
  const kind = node?.renameType ?? '';
  const what = WHAT[kind];
  if (node === undefined || what === undefined) return [];
  const name =
    joined(strings(as(node.object, 'ObjectWithArgs')?.objname)) ||
    joined(strings(as(node.object, 'List')?.items)) ||
    (typeOf(as(node.object, 'TypeName'))?.name ?? node.subname ?? '?');
  const createdIn = schema.created.get(`${kind} ${name}`) ?? null;
  return [{ createdIn, message: `${what} ${name} is renamed to ${node.newname}: queries that use the old name fail.` }];
}
