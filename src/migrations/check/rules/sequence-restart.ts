import { as } from '../ast.js';
import { nameOf } from '../names.js';
import type { Hit, Rule } from '../rule.js';

export const sequenceRestart: Rule = {
  name: 'sequence-restart',
  severity: 'error',
  claim: 'A sequence begins again with numbers that it gave out before.',
  because:
    'The INSERTs of the running release get keys that are taken, and fail until the sequence has passed them all.',
  remedy: 'Restart it behind the largest key: `SELECT setval(sequence, max(id)) FROM table`.',
  references: ['https://www.postgresql.org/docs/current/sql-altersequence.html'],
  settledBy: 'old-queries',
  check: ({ statement, schema }): Hit[] => {
    const node = as(statement.node, 'AlterSeqStmt');
    const restart = (node?.options ?? [])
      .flatMap((each) => as(each, 'DefElem') ?? [])
      .find(({ defname }) => defname === 'restart');
    if (node === undefined || restart === undefined) return [];
    const name = nameOf(node.sequence);
    const createdIn = schema.created.get(`OBJECT_SEQUENCE ${name}`) ?? null;
    if (restart.arg === undefined) return [{ createdIn, message: `Sequence ${name} begins again where it once did.` }];
    return [
      {
        createdIn,
        severity: 'warning',
        message: `Sequence ${name} goes on elsewhere: are the numbers from there on free?`,
      },
    ];
  },
};
