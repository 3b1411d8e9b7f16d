import { alterationsOf } from '../alterations.js';
import { as } from '../ast.js';
import { nameOf } from '../names.js';
import type { Context, Hit, Rule } from '../rule.js';

export const attachPartition: Rule = {
  name: 'attach-partition',
  severity: 'error',
  claim: 'A table becomes a partition, and its rows, or those of the default partition, are read for it.',
  because:
    'Without a CHECK that says the same as its bounds every row is read while the table is locked ACCESS EXCLUSIVE; so is the default partition where there is one.',
  remedy:
    'Add a CHECK with the bounds to the table first, NOT VALID, and VALIDATE it; the default partition needs one that excludes them.',
  references: [
    'https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE',
  ],
  settledBy: 'work',
  check: (context) => [
    ...alterationsOf(context.statement).flatMap(({ table, command, span }): Hit[] => {
      const part = as(command.def, 'PartitionCmd');
      if (command.subtype !== 'AT_AttachPartition' || part === undefined) return [];
      const child = nameOf(part.name);
      const checked = hasCheck(child, context);
      const own: Hit[] = checked
        ? []
        : [
            {
              table: child,
              span,
              message: `All of ${child} is read under an ACCESS EXCLUSIVE lock to hold its rows against the bounds.`,
            },
          ];
      return [...own, ...defaultScan(table, context, span)];
    }),
    ...createdPartition(context),
  ],
};

function createdPartition(context: Context): Hit[] {
  const node = as(context.statement.node, 'CreateStmt');
  if (node?.partbound === undefined || node.partbound.is_default === true) return [];
  const parent = nameOf(as(node.inhRelations?.[0], 'RangeVar'));
  return defaultScan(parent, context, context.statement.span);
}

function defaultScan(parent: string, context: Context, span: Hit['span']): Hit[] {
  const fallback = context.schema.tables.get(parent)?.defaultPartition ?? null;
  if (fallback === null || hasCheck(fallback, context)) return [];
  return [
    {
      table: fallback,
      ...(span === undefined ? {} : { span }),
      message: `All of ${fallback}, the default partition of ${parent}, is read under an ACCESS EXCLUSIVE lock.`,
    },
  ];
}

/** Whether any CHECK holds for all of its rows; whether it says the same as the bounds is not looked into. */
function hasCheck(table: string, { schema }: Context): boolean {
  return (schema.tables.get(table)?.checks ?? []).some(({ valid }) => valid);
}
