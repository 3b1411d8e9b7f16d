import { checkMigrations } from '../../../src/migrations/check/check.js';
import { traceMigration } from '../../../src/migrations/trace/trace.js';
import type { MigrationFinding } from '../../../src/model/migrations.js';
import type { PostgresServer } from '../../../src/platform/postgres-server.js';
import type { Case, Major } from './cases.ts';
import type { Scored } from './score.ts';

/** Few, so that all cases are traced in minutes; what takes time grows by as much. */
const ROWS = [500, 20_000];
const TIMEOUT_MS = 60_000;

/** What the static check and the trace say of one case. */
export async function runTool(server: PostgresServer, major: Major, one: Case, unsafe: boolean): Promise<Scored> {
  const up = { file: `${one.name}.sql`, text: one.up };
  const schema = { file: 'schema.sql', text: one.schema };
  const check = await checkMigrations([up], { postgres: Number(major) });
  const withSchema = await checkMigrations([up], { postgres: Number(major), schema: [schema] });
  const trace = await traceMigration({
    server: { own: server },
    migration: { sql: [up] },
    schema: [{ sql: [schema] }],
    oldQueries: one.oldQueries.map((sql) => ({ id: null, sql })),
    down: one.down === null ? null : { sql: [{ file: `${one.name}.down.sql`, text: one.down }] },
    newQueries: one.newQueries.map((sql) => ({ id: null, sql })),
    rows: ROWS,
    productionRows: null,
    timeoutMs: TIMEOUT_MS,
    say: () => undefined,
    signal: new AbortController().signal,
  });
  return {
    name: one.name,
    major,
    holdout: one.holdout,
    unsafe,
    flagged: {
      check: hasError(check.findings),
      'check with schema': hasError(withSchema.findings),
      'check + trace': trace.verdict === 'unsafe',
    },
    said: {
      check: told(check.findings),
      'check with schema': told(withSchema.findings),
      'check + trace': [...told(trace.findings), ...trace.unseen.map((each) => `unseen: ${each}`)],
    },
  };
}

function hasError(findings: readonly MigrationFinding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

function told(findings: readonly MigrationFinding[]): string[] {
  return findings.map(({ severity, rule, line, message }) => `${severity} ${rule} (line ${line}): ${message}`);
}
