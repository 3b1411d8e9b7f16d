import { alterationsOf } from '../alterations.js';
import type { Rule } from '../rule.js';

export const preparedSelectStar: Rule = {
  name: 'prepared-select-star',
  severity: 'note',
  claim: 'A new column makes prepared statements with `SELECT *` fail.',
  because:
    'The result of a prepared statement may not change: each connection that holds one fails once with "cached plan must not change result type", inside of a transaction for all of it.',
  remedy: 'Name the columns that are read, or let the pool throw prepared statements away after DDL.',
  references: ['https://www.postgresql.org/docs/current/sql-prepare.html'],
  settledBy: 'old-queries',
  check: ({ statement }) => {
    const added = alterationsOf(statement).filter(({ command }) => command.subtype === 'AT_AddColumn');
    const first = added[0];
    if (first === undefined) return [];
    const names = added.map(({ name }) => name).join(', ');
    return [
      {
        table: first.table,
        span: first.span,
        message: `A prepared \`SELECT *\` from ${first.table} fails once per connection when ${names} appears.`,
      },
    ];
  },
};
