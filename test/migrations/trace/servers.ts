import { existsSync, readdirSync } from 'node:fs';
import type { TraceOptions, TraceWork } from '../../../src/migrations/trace/options.ts';
import { traceMigration } from '../../../src/migrations/trace/trace.ts';
import type { MigrationTrace } from '../../../src/model/migrations.ts';
import { embeddedPostgres } from '../../../src/platform/postgres-embedded.ts';
import type { PostgresServer } from '../../../src/platform/postgres-server.ts';

/** A server takes a while to be made on a machine that has other things to do. */
export const SLOW_MS = 300_000;

/** Programs of the newest PostgreSQL that the system has; null where it has none. */
export function systemPostgres(): string | null {
  const base = '/usr/lib/postgresql';
  if (!existsSync(base)) return null;
  const bins = readdirSync(base)
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => `${base}/${version}/bin`)
    .filter((bin) => existsSync(`${bin}/initdb`));
  return bins[0] ?? null;
}

/** Every PostgreSQL that a trace is tried on; the embedded one is installed where it is missing. */
export const SERVERS: readonly { name: string; bin: () => Promise<string> }[] = [
  { name: 'the embedded PostgreSQL', bin: () => embeddedPostgres(process.cwd(), () => {}) },
  ...[systemPostgres()].flatMap((bin) =>
    bin === null ? [] : { name: "the system's PostgreSQL", bin: async () => bin },
  ),
];

export function sql(text: string, file = 'up.sql'): TraceWork {
  return { sql: [{ file, text }] };
}

export type Asked = Partial<Omit<TraceOptions, 'oldQueries' | 'newQueries'>> & {
  up: string;
  schema?: TraceWork[];
  old?: string[];
  new?: string[];
};

/** A trace with everything that the test leaves open. */
export function traced(
  own: PostgresServer,
  { up, old = [], new: fresh = [], ...rest }: Asked,
): Promise<MigrationTrace> {
  const asked = (queries: string[]) => queries.map((each) => ({ id: null, sql: each }));
  return traceMigration({
    server: { own },
    migration: sql(up),
    schema: [],
    oldQueries: asked(old),
    newQueries: asked(fresh),
    down: null,
    rows: [300, 6000],
    productionRows: null,
    timeoutMs: SLOW_MS,
    say: () => {},
    signal: new AbortController().signal,
    ...rest,
  });
}
