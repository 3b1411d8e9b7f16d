import { alterationsOf } from '../alterations.js';
import { as, strings } from '../ast.js';
import { joined, nameOf } from '../names.js';
import type { Context, Hit, Rule } from '../rule.js';

export const rowSecurity: Rule = {
  name: 'row-security',
  severity: 'error',
  claim: 'Row security begins to hide rows of a table in use.',
  because:
    'Without a policy that lets it, a role that does not own the table sees no row and cannot write one: queries find nothing and INSERTs fail.',
  remedy: 'CREATE POLICY for what the running release does first, in the same transaction, and check it as its role.',
  references: ['https://www.postgresql.org/docs/current/ddl-rowsecurity.html'],
  settledBy: 'no',
  check: (context) => [
    ...policies(context),
    ...alterationsOf(context.statement).flatMap(({ table, command, span }): Hit[] => {
      const isForced = command.subtype === 'AT_ForceRowSecurity';
      if (command.subtype !== 'AT_EnableRowSecurity' && !isForced) return [];
      if (hasPolicy(table, context)) {
        return [
          {
            table,
            span,
            severity: 'warning',
            message: `Rows of ${table} are hidden from the running release unless a policy shows them.`,
          },
        ];
      }
      if (isForced && context.schema.tables.get(table)?.rowSecurity === true) return [];
      return [
        {
          table,
          span,
          message: `No policy is there yet: the running release sees no row of ${table}, unless its role owns the table.`,
        },
      ];
    }),
  ],
};

/** A policy that goes takes the rows with it that it showed, unless another one comes with the same transaction. */
function policies(context: Context): Hit[] {
  const { node } = context.statement;
  const drop = as(node, 'DropStmt');
  if (drop?.removeType === 'OBJECT_POLICY') {
    const tables = (drop.objects ?? []).map((each) => joined(strings(as(each, 'List')?.items).slice(0, -1)));
    return tables
      .filter((table) => !comes(table, context))
      .map((table) => ({
        table,
        message: `A policy of ${table} goes: the running release no longer sees the rows that it showed.`,
      }));
  }
  const created = as(node, 'CreatePolicyStmt');
  if (created === undefined || created.permissive === true) return [];
  const table = nameOf(created.table);
  return [
    { table, severity: 'warning', message: `A restrictive policy hides rows of ${table} from the running release.` },
  ];
}

function comes(table: string, { transaction }: Context): boolean {
  return (transaction?.statements ?? []).some(({ node }) => nameOf(as(node, 'CreatePolicyStmt')?.table) === table);
}

/** A policy from before, or one that the same transaction adds. */
function hasPolicy(table: string, context: Context): boolean {
  return (context.schema.tables.get(table)?.policies ?? 0) > 0 || comes(table, context);
}
