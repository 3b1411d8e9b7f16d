import { alterationsOf } from '../alterations.js';
import { as, strings } from '../ast.js';
import { nameOf, nameOfList } from '../names.js';
import type { Context, Hit, Rule } from '../rule.js';

/** What queries of a program need. */
const USED = new Set(['select', 'insert', 'update', 'delete', 'usage', 'execute', 'connect']);

export const revoke: Rule = {
  name: 'revoke',
  severity: 'error',
  claim: 'A role loses privileges, or its login, that the running release may need.',
  because: 'A query of a role without the privilege fails at once, prepared or not.',
  remedy: 'Take them away when no code that runs under the role needs them any more.',
  references: ['https://www.postgresql.org/docs/current/sql-revoke.html'],
  settledBy: 'no',
  check: ({ statement, schema }): Hit[] => {
    const owner = alterationsOf(statement).filter(({ command }) => command.subtype === 'AT_ChangeOwner');
    const moved = owner.map(
      ({ table, span }): Hit => ({
        table,
        span,
        severity: 'warning',
        message: `${table} gets another owner: the one before loses what it could do as such.`,
      }),
    );
    const locked = lockedOut(statement);
    if (locked !== null) return [locked];
    const roles = as(statement.node, 'GrantRoleStmt');
    if (roles !== undefined && roles.is_grant !== true) {
      return [{ severity: 'warning', message: 'A role loses what it could do as a member of another one.' }];
    }
    const node = as(statement.node, 'GrantStmt');
    if (node === undefined || node.is_grant === true) return moved;
    const names = (node.privileges ?? []).map((each) => as(each, 'AccessPriv')?.priv_name?.toLowerCase() ?? '');
    if (names.length > 0 && !names.some((name) => USED.has(name))) return [];
    const from = (node.grantees ?? []).flatMap((each) => as(each, 'RoleSpec') ?? []);
    const isPublic = from.every(({ roletype }) => roletype === 'ROLESPEC_PUBLIC');
    const objects = (node.objects ?? []).map((each) => {
      const relation = as(each, 'RangeVar');
      return relation === undefined
        ? (as(each, 'String')?.sval ?? (strings(as(each, 'ObjectWithArgs')?.objname).join('.') || nameOfList(each)))
        : nameOf(relation);
    });
    const who = isPublic
      ? 'roles that have them by PUBLIC alone'
      : from.map(({ rolename }) => rolename ?? 'a role').join(', ');
    const table = objects.find((each) => schema.createdIn(each) !== null);
    return [
      {
        ...(table === undefined ? {} : { table }),
        severity: isPublic ? 'warning' : 'error',
        message: `Queries of ${who} on ${objects.join(', ')} that need the privileges fail.`,
      },
    ];
  },
};

/** A role that can no longer log in. */
function lockedOut({ node }: Context['statement']): Hit | null {
  const dropped = as(node, 'DropRoleStmt');
  if (dropped !== undefined) return { message: 'A role is dropped: whoever logs in as it cannot any more.' };
  const options = (as(node, 'AlterRoleStmt')?.options ?? []).flatMap((each) => as(each, 'DefElem') ?? []);
  const login = options.find(({ defname }) => defname === 'canlogin');
  if (login !== undefined && as(login.arg, 'Boolean')?.boolval !== true) {
    return { message: 'NOLOGIN: new connections of the role are refused.' };
  }
  if (
    !options.some(({ defname }) => defname === 'password' || defname === 'connectionlimit' || defname === 'validUntil')
  )
    return null;
  return { severity: 'warning', message: 'New connections of the role may be refused: does the running release know?' };
}
