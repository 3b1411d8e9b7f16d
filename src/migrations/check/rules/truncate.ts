import { as } from '../ast.js';
import { nameOf } from '../names.js';
import type { Rule } from '../rule.js';

export const truncate: Rule = {
  name: 'truncate',
  severity: 'error',
  claim: 'A table is emptied.',
  because:
    'The rows are gone for the running release too, even for transactions that began before; reads and writes wait until it is done.',
  remedy: 'Empty it when no code reads it any more, or delete rows in batches.',
  references: ['https://www.postgresql.org/docs/current/sql-truncate.html'],
  settledBy: 'work',
  check: ({ statement }) => {
    const node = as(statement.node, 'TruncateStmt');
    const cascade = node?.behavior === 'DROP_CASCADE' ? ' With CASCADE so are the tables that refer to it.' : '';
    return (node?.relations ?? [])
      .map((each) => nameOf(as(each, 'RangeVar')))
      .map((table) => ({ table, message: `Table ${table} is emptied while the running release uses it.${cascade}` }));
  },
};
