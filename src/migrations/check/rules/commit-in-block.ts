import { as } from '../ast.js';
import type { Rule } from '../rule.js';

export const commitInBlock: Rule = {
  name: 'commit-in-block',
  severity: 'error',
  claim: 'A DO block ends transactions although it runs inside of one.',
  because: 'COMMIT in a block fails with "invalid transaction termination" where the block does not run by itself.',
  remedy: 'Run the block outside of BEGIN and COMMIT, in a migration without a transaction.',
  references: ['https://www.postgresql.org/docs/current/plpgsql-transactions.html'],
  settledBy: 'work',
  check: ({ statement, transaction }) => {
    if (as(statement.node, 'DoStmt') === undefined || transaction === null || transaction.block !== null) return [];
    const body = statement.source.text.slice(statement.span.start, statement.span.end);
    if (!/\bcommit\s*;/i.test(body)) return [];
    return [{ message: 'The block holds a COMMIT, which fails inside of a transaction.' }];
  },
};
