import { DEFAULT_ROWS } from '../migrations/trace/options.js';
import type { MigrationTrace } from '../model/migrations.js';
import { embeddedPostgres } from '../platform/postgres-embedded.js';
import { startPostgres } from '../platform/postgres-server.js';
import type { StepMigrations } from '../steps/step.js';
import type { RunContext } from './context.js';

/** Time for one migration on the shadow database. */
const TIMEOUT_MS = 600_000;

/** Runs the SQL of a step on a server of its own, which is gone afterwards. Loaded only where that is asked for. */
export async function traceStep(
  { scenario, halt }: RunContext,
  { files, schema, oldQueries }: StepMigrations,
  say: (line: string) => void,
): Promise<MigrationTrace> {
  const { traceMigration } = await import('../migrations/trace/trace.js');
  const { readQueries } = await import('../migrations/trace/query-file.js');
  const queries = oldQueries === null ? [] : await readQueries(oldQueries);
  const server = await startPostgres({ bin: await embeddedPostgres(scenario.dir, say) });
  try {
    return await traceMigration({
      server: { own: server },
      migration: { sql: files },
      schema: schema.length === 0 ? [] : [{ sql: schema }],
      oldQueries: queries,
      down: null,
      newQueries: [],
      rows: [...DEFAULT_ROWS],
      productionRows: null,
      timeoutMs: TIMEOUT_MS,
      say,
      signal: halt.signal,
    });
  } finally {
    await server.stop();
  }
}
