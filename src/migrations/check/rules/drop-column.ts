import { alterationsOf } from '../alterations.js';
import type { Rule } from '../rule.js';

export const dropColumn: Rule = {
  name: 'drop-column',
  severity: 'error',
  claim: 'A column is dropped that code which is still running may use.',
  because:
    'Until the last process of the old release is gone, its queries name the column and fail; and again after a rollback.',
  remedy:
    'Release code that no longer uses the column first, and drop it a release later. `migrations trace --old-queries` shows whether a query still needs it.',
  references: ['https://www.postgresql.org/docs/current/sql-altertable.html'],
  settledBy: 'old-queries',
  check: ({ statement }) =>
    alterationsOf(statement)
      .filter(({ command }) => command.subtype === 'AT_DropColumn')
      .map(({ table, name, span }) => ({
        table,
        span,
        message: `Column ${name} of ${table} is dropped: queries of the running release that name it fail from here on.`,
      })),
};
