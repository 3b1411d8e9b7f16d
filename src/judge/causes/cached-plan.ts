import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

const CHANGES_COLUMNS = /\balter\s+table\b.*\b(?:add|drop|rename|type)\b/i;

export const cachedPlan: Cause = {
  name: 'cached-plan',
  mode: 30,
  claim: 'Prepared statements of the connections in the pool no longer fitted the changed table.',
  signature: 'About as many 500s as the pool has connections, within some 40 ms, at the migration; then nothing.',
  because: '`SELECT *` in a prepared statement: "cached plan must not change result type" once for each connection.',
  remedy: 'Name the columns that are read, or let the pool throw prepared statements away after DDL.',
  references: ['https://github.com/rails/rails/issues/12330'],
  signs: (v) => [
    must(v.appError > 0.8, 'the app answered 5xx', 0),
    must(v.failed <= 100 && (v.durationMs < 1500 || saysSo(v)), 'in a short burst', 1),
    must(v.kind === 'migrate', 'in the migration', 1),
    sign(
      v.locks.changes.some((statement) => CHANGES_COLUMNS.test(statement)) ? true : null,
      2,
      'a statement that changes the columns of a table was seen to wait, or to be waited for',
    ),
    sign(saysSo(v) ? true : null, 10, 'a log says so'),
    sign(v.durationMs < 300, 2, 'within moments'),
    sign(v.recovered, 3, 'and never again'),
  ],
};

function saysSo({ lines }: Parameters<Cause['signs']>[0]): boolean {
  return lines(/cached plan must not change/i).length > 0;
}
