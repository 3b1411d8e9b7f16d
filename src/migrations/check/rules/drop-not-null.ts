import { alterationsOf } from '../alterations.js';
import type { Rule } from '../rule.js';

export const dropNotNull: Rule = {
  name: 'drop-not-null',
  severity: 'note',
  claim: 'A column may hold NULL from now on.',
  because: 'The running release never met a NULL there; it will as soon as the new one writes the first.',
  remedy: 'Release code that can read a NULL first, and code that writes one after it.',
  references: ['https://www.postgresql.org/docs/current/sql-altertable.html'],
  settledBy: 'no',
  check: ({ statement }) =>
    alterationsOf(statement)
      .filter(({ command }) => command.subtype === 'AT_DropNotNull')
      .map(({ table, name, span }) => ({
        table,
        span,
        message: `${name} of ${table} may hold NULL: can the running release read one?`,
      })),
};
