import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

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
    must(v.durationMs < 1500 && v.failed <= 100, 'in a short burst', 1),
    must(v.kind === 'migrate', 'in the migration', 1),
    sign(v.durationMs < 300, 2, 'within moments'),
    sign(v.recovered, 1, 'and never again'),
  ],
};
