import { as } from '../ast.js';
import type { Rule } from '../rule.js';

export const dynamicSql: Rule = {
  name: 'dynamic-sql',
  severity: 'warning',
  claim: 'SQL is put together or called at run time and cannot be checked.',
  because: 'What it will do to tables depends on data, or on a body that stands elsewhere.',
  remedy: 'Write the statements out, or run them by `migrations trace`, which sees what is really executed.',
  references: ['https://www.postgresql.org/docs/current/plpgsql-statements.html#PLPGSQL-STATEMENTS-EXECUTING-DYN'],
  settledBy: 'work',
  check: ({ statement }) => {
    const opaque = statement.opaque.map(({ span, why }) => ({ span, message: `This cannot be checked: ${why}.` }));
    const call = as(statement.node, 'CallStmt');
    if (call === undefined) return opaque;
    return [...opaque, { message: 'This cannot be checked: what the procedure does stands elsewhere.' }];
  },
};
