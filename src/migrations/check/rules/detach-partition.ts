import { alterationsOf } from '../alterations.js';
import { as } from '../ast.js';
import { nameOf } from '../names.js';
import type { Rule } from '../rule.js';

export const detachPartition: Rule = {
  name: 'detach-partition',
  severity: 'warning',
  claim: 'A partition is detached under a lock on the whole partitioned table.',
  because:
    'It is held for a moment only, but it waits for every reader of any partition, and everyone waits behind it.',
  remedy:
    'DETACH PARTITION ... CONCURRENTLY (from PostgreSQL 14 on), outside of a transaction; before 14, with a lock_timeout.',
  references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION'],
  settledBy: 'no',
  check: ({ statement }) =>
    alterationsOf(statement).flatMap(({ table, command, span }) => {
      const part = as(command.def, 'PartitionCmd');
      if (command.subtype !== 'AT_DetachPartition' || part?.concurrent === true) return [];
      return [
        {
          table,
          span,
          message: `${nameOf(part?.name)} is detached under an ACCESS EXCLUSIVE lock on all of ${table}.`,
        },
      ];
    }),
};
