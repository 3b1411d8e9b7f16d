import { alterationsOf } from '../alterations.js';
import { as } from '../ast.js';
import { blocksReads } from '../locks.js';
import type { Hit, Rule } from '../rule.js';
import { slowPart } from '../slow.js';

export const slowWhileLocked: Rule = {
  name: 'slow-while-locked',
  severity: 'error',
  claim: 'Something slow runs in a transaction that holds a lock already.',
  because:
    'A lock is held to the end of its transaction: what an ALTER TABLE needs for a moment keeps users waiting as long as everything after it takes.',
  remedy: 'Put the slow part into a transaction of its own, before or after; and the statement that locks last.',
  references: ['https://www.postgresql.org/docs/current/explicit-locking.html'],
  settledBy: 'work',
  check: (context): Hit[] => {
    const { held, statement } = context;
    const strongest = held.find(({ mode }) => blocksReads(mode)) ?? held[0];
    const slow = slowPart(context);
    if (strongest === undefined || slow === null || validatesOwn(context)) return [];
    const line = strongest.by.source.position(strongest.by.span.start).line;
    const who = blocksReads(strongest.mode) ? 'reads and writes' : 'writes';
    if (as(statement.node, 'DoStmt') !== undefined) return [];
    return [
      {
        severity: slow.certain ? 'error' : 'warning',
        message: `While ${slow.what}, ${who} of ${strongest.table} wait: the transaction holds its lock (${strongest.mode}) since line ${line}.`,
      },
    ];
  },
};

/** A rule of its own says it of a constraint that the same transaction adds. */
function validatesOwn({ statement, transaction }: Parameters<Rule['check']>[0]): boolean {
  const validated = alterationsOf(statement).filter(({ command }) => command.subtype === 'AT_ValidateConstraint');
  const added = (transaction?.statements ?? [])
    .flatMap(alterationsOf)
    .filter(({ command }) => command.subtype === 'AT_AddConstraint');
  return (
    validated.length > 0 &&
    validated.every(({ table, name }) => added.some((each) => each.table === table && each.name === name))
  );
}
