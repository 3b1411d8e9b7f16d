import type { Node } from 'libpg-query';
import { addedConstraints, alterationsOf } from '../alterations.js';
import { below, strings } from '../ast.js';
import { columnsNotNull } from '../expressions.js';
import type { Context, Hit, Rule } from '../rule.js';

export const oldWritesViolate: Rule = {
  name: 'old-writes-violate',
  severity: 'error',
  claim: 'A new constraint holds for rows that the running release still writes, and it does not know of it.',
  because:
    'A constraint is enforced for every new row from the moment it is added, NOT VALID or not: an INSERT that leaves the column out, or writes what was allowed so far, fails.',
  remedy:
    'Keep a default on the column as long as the old release runs, or add the constraint a release later, when everything that writes follows it.',
  references: ['https://www.postgresql.org/docs/current/ddl-constraints.html'],
  settledBy: 'old-queries',
  check: (context) => [...required(context), ...checked(context)],
};

interface Requirement {
  table: string;
  column: string;
  span: Hit['span'];
}

/** Columns that are added in these files, nullable, and become NOT NULL before the release that fills them is alone. */
function required(context: Context): Hit[] {
  const { statement, schema } = context;
  const all: Requirement[] = [
    ...alterationsOf(statement)
      .filter(({ command }) => command.subtype === 'AT_SetNotNull')
      .map(({ table, name, span }) => ({ table, column: name, span })),
    ...addedConstraints(statement)
      .filter(({ column }) => column === null)
      .flatMap(({ table, constraint, span }) => {
        const columns =
          constraint.contype === 'CONSTR_CHECK'
            ? columnsNotNull(constraint.raw_expr)
            : constraint.contype === 'CONSTR_NOTNULL'
              ? strings(constraint.keys)
              : [];
        return columns.map((column) => ({ table, column, span: span as Hit['span'] }));
      }),
  ];
  return all.flatMap(({ table, column, span }): Hit[] => {
    const known = schema.column(table, column);
    if (known?.addedIn == null || known.hasDefault !== false) return [];
    return [
      {
        table,
        ...(span === undefined ? {} : { span }),
        message: `Column ${column} of ${table} is new and has no default: from here on an INSERT of the running release, which leaves it out, fails.`,
      },
    ];
  });
}

/** Constraints on columns that the running release writes. */
function checked({ statement, schema }: Context): Hit[] {
  return addedConstraints(statement).flatMap(({ table, constraint, column, span }): Hit[] => {
    if (column !== null) return [];
    const isNew = (name: string) => schema.column(table, name)?.addedIn != null;
    if (constraint.contype === 'CONSTR_CHECK') {
      const columns = columnsIn(constraint.raw_expr);
      if (columns.length > 0 && columns.every(isNew)) return [];
      return [
        {
          table,
          span,
          severity: 'warning',
          message: `From here on the running release cannot write rows into ${table} that violate the CHECK.`,
        },
      ];
    }
    if (constraint.contype !== 'CONSTR_FOREIGN') return [];
    const columns = strings(constraint.fk_attrs);
    if (columns.length > 0 && columns.every(isNew)) return [];
    return [
      {
        table,
        span,
        severity: 'note',
        message: `From here on the running release cannot write rows into ${table} that refer to nothing.`,
      },
    ];
  });
}

function columnsIn(expression: Node | undefined): string[] {
  const found: string[] = [];
  for (const { fields } of columnRefs(expression)) found.push(strings(fields).at(-1) ?? '*');
  return found;
}

function columnRefs(expression: Node | undefined): Iterable<{ fields?: Node[] }> {
  return below({ expression: [expression] }, 'ColumnRef');
}
