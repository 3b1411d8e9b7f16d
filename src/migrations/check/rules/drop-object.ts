import type { Node } from 'libpg-query';
import { as, strings, typeOf } from '../ast.js';
import { comesBack } from '../future.js';
import { joined, nameOfList } from '../names.js';
import type { Context, Hit, Rule } from '../rule.js';

const WHAT: Readonly<Record<string, string>> = {
  OBJECT_FUNCTION: 'Function',
  OBJECT_PROCEDURE: 'Procedure',
  OBJECT_ROUTINE: 'Routine',
  OBJECT_AGGREGATE: 'Aggregate',
  OBJECT_OPERATOR: 'Operator',
  OBJECT_SEQUENCE: 'Sequence',
  OBJECT_TYPE: 'Type',
  OBJECT_DOMAIN: 'Domain',
  OBJECT_SCHEMA: 'Schema',
  OBJECT_EXTENSION: 'Extension',
  OBJECT_CAST: 'Cast',
};

export const dropObject: Rule = {
  name: 'drop-object',
  severity: 'error',
  claim: 'A function, type, sequence, schema, extension or database is dropped that running code may use.',
  because: 'Queries, defaults and triggers that name it fail as long as the old release is running.',
  remedy:
    'Drop it a release after the last code that uses it. A function can be replaced in place by CREATE OR REPLACE FUNCTION.',
  references: ['https://www.postgresql.org/docs/current/ddl-depend.html'],
  settledBy: 'old-queries',
  check: (context) => {
    const database = as(context.statement.node, 'DropdbStmt');
    if (database !== undefined)
      return [{ message: `Database ${database.dbname ?? ''} is dropped with all that is in it.` }];
    const drop = as(context.statement.node, 'DropStmt');
    const what = WHAT[drop?.removeType ?? ''];
    if (drop === undefined || what === undefined) return [];
    return (drop.objects ?? []).map((object) => hitOf(what, drop.removeType ?? '', nameOfObject(object), context));
  },
};

function hitOf(what: string, kind: string, name: string, context: Context): Hit {
  const createdIn = context.schema.created.get(`${kind} ${name}`) ?? null;
  const back = comesBack(name, context);
  if (back === 'in-transaction') {
    return {
      createdIn,
      severity: 'note',
      message: `${what} ${name} is dropped and made anew in the same transaction.`,
    };
  }
  if (context.schema.functions.get(name)?.forTriggers === true) {
    return { createdIn, severity: 'note', message: `Function ${name}, which triggers alone can call, is dropped.` };
  }
  return { createdIn, message: `${what} ${name} is dropped: queries of the running release that use it fail.` };
}

function nameOfObject(object: Node): string {
  const routine = as(object, 'ObjectWithArgs');
  if (routine !== undefined) return joined(strings(routine.objname));
  const type = as(object, 'TypeName');
  if (type !== undefined) return typeOf(type)?.name ?? '?';
  return as(object, 'String')?.sval ?? nameOfList(object);
}
