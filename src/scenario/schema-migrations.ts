import { z } from 'zod';
import { NEWEST_POSTGRES, OLDEST_POSTGRES } from '../migrations/check/version.js';
import { amount, choice, flag, text } from './leaves.js';
import { list, mapping } from './schema-requests.js';
import { show } from './suggest.js';

const path = (description: string) => text('a path such as `db/*.sql`', description, 4000);

function paths(description: string) {
  return z
    .union([path(description), list(path(description), 'paths such as `db/*.sql`', 100)], {
      error: ({ input }) => `expected a path such as \`db/*.sql\` or a list of them, got ${show(input)}`,
    })
    .meta({ description });
}

const FILES =
  "SQL of the step, from the scenario's folder on: `*`, `**` and `{a,b}` stand for names. Each must be there.";

const detailed = mapping('`{ files: db/*.sql }`', {
  files: paths(FILES),
  schema: paths('SQL that makes the schema which the migration finds.').optional(),
  transaction: choice(
    ['per-statement', 'per-file'],
    'How files run that hold no BEGIN: per-statement without it, as psql does; per-file as most frameworks do.',
  ).optional(),
  postgres: amount(
    { min: OLDEST_POSTGRES, max: NEWEST_POSTGRES },
    'a major version',
    'Major version of the server that the SQL is checked for.',
  ).optional(),
  trace: flag(
    'Whether the SQL is also run on a shadow PostgreSQL: its locks, rewrites and errors, and the old queries after it.',
  ).optional(),
  oldQueries: path('Queries of the release before, for the trace: SQL, or JSON texts or `{ id, sql }`.').optional(),
  refuse: choice(
    ['error', 'never'],
    'Whether the run begins where the check or the trace finds an error: `never` refuses, without it.',
  ).optional(),
});

/** The SQL of a step, looked at before the run begins. */
export const migrations = z
  .union([path(FILES), list(path(FILES), 'paths such as `db/*.sql`', 100), detailed], {
    error: ({ input }) =>
      `expected a path such as \`db/*.sql\`, a list of them or \`{ files: db/*.sql }\`, got ${show(input)}`,
  })
  .meta({
    description: 'SQL that this step runs: it is checked before the run begins, and the report says what was found.',
  });
