import { writesOf } from '../reach.js';
import type { Rule } from '../rule.js';

export const batchesInOneTransaction: Rule = {
  name: 'batches-in-one-transaction',
  severity: 'error',
  claim: 'A loop writes in batches that end together.',
  because: 'Without a COMMIT after each batch the rows of all of them stay locked until the loop is over.',
  remedy: 'COMMIT inside of the loop, and run the block outside of a transaction.',
  references: ['https://www.postgresql.org/docs/current/plpgsql-transactions.html'],
  settledBy: 'work',
  check: ({ statement, schema }) => {
    if (statement.block?.inLoop !== true || statement.block.commits) return [];
    return writesOf(statement, schema)
      .filter(({ reach }) => reach === 'bounded')
      .map(({ table, what }) => ({
        table,
        message: `The batches of this ${what} of ${table} end together: no COMMIT stands in the loop.`,
      }));
  },
};
