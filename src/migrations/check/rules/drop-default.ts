import { alterationsOf } from '../alterations.js';
import type { Hit, Rule } from '../rule.js';

export const dropDefault: Rule = {
  name: 'drop-default',
  severity: 'error',
  claim: 'A default is dropped that INSERTs of the running release rely on.',
  because: 'An INSERT that leaves the column out writes NULL from then on, and fails where the column is NOT NULL.',
  remedy: 'Keep the default until no code that leaves the column out is running any more.',
  references: ['https://www.postgresql.org/docs/current/ddl-default.html'],
  settledBy: 'old-queries',
  check: ({ statement, schema }) =>
    alterationsOf(statement).flatMap(({ table, command, name, span }): Hit[] => {
      const known = schema.column(table, name);
      const isNew = known?.addedIn != null;
      if (command.subtype === 'AT_DropIdentity') {
        return [
          {
            table,
            span,
            message: `${name} of ${table} is no identity column any more: an INSERT that leaves it out fails.`,
          },
        ];
      }
      if (command.subtype === 'AT_DropExpression') {
        return [
          {
            table,
            span,
            severity: 'warning',
            message: `${name} of ${table} is computed no more: the running release leaves it NULL.`,
          },
        ];
      }
      if (command.subtype !== 'AT_ColumnDefault' || command.def !== undefined || known?.hasDefault === false) return [];
      if (known?.notNull === true) {
        const which = isNew ? 'of the running release, which does not know it,' : 'that leaves it out';
        return [
          { table, span, message: `${name} of ${table} is NOT NULL and loses its default: an INSERT ${which} fails.` },
        ];
      }
      const severity = known?.notNull === false ? 'note' : 'warning';
      return [
        {
          table,
          span,
          severity,
          message: `${name} of ${table} loses its default: an INSERT that leaves it out writes NULL, or fails.`,
        },
      ];
    }),
};
