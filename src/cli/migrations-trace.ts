import { Command } from 'commander';
import type { TraceOptions, TraceServer, TraceSql, TraceWork } from '../migrations/trace/options.js';
import { messageOf, ZddError } from '../model/errors.js';
import { EXIT, type ExitCode } from '../model/exit-codes.js';
import type { MigrationTrace } from '../model/migrations.js';
import { parseDuration } from '../model/units.js';
import { styleOf } from './terminal/style.js';
import { plainText } from './terminal/text.js';

interface TraceCommandOptions {
  sql: string[];
  schema: string[];
  schemaCommand: string[];
  oldQueries: string[];
  newQueries: string[];
  downSql: string[];
  down?: string;
  database?: string;
  inPlace?: true;
  postgresBin?: string;
  rows: string;
  productionRows?: string;
  env: string[];
  transaction: string;
  timeout: string;
  json?: true;
}

/** `zdd-verify migrations trace`: a migration on a shadow database, and the old release's queries after it. */
export function migrationsTraceCommand(): Command {
  return new Command('trace')
    .description(
      "Runs a migration on a shadow PostgreSQL and tells what each statement did: locks, tables written anew or read\nthrough, indexes built, durations at several sizes; then whether the old release's queries still work.",
    )
    .argument('[command...]', 'the command that migrates, behind `--`')
    .option('--sql <file>', 'SQL in the place of a command: a file, or a folder; may be repeated', collect, [])
    .option('--schema <file>', 'SQL of the schema the old release runs on; may be repeated', collect, [])
    .option('--schema-command <command>', 'a command that makes that schema, through sh; may be repeated', collect, [])
    .option('--old-queries <file>', 'queries of the old release: SQL or JSON; may be repeated', collect, [])
    .option('--new-queries <file>', 'queries of the new release, for the way back; may be repeated', collect, [])
    .option('--down-sql <file>', 'SQL of the way back; may be repeated', collect, [])
    .option('--down <command>', 'a command that goes back, through sh')
    .option('--database <url>', 'a server and database with staging data; a copy of the database is worked in')
    .option('--in-place', 'with --database: work in the database itself; the migration is really applied')
    .option('--postgres-bin <dir>', "programs of the system's PostgreSQL in the place of the embedded one")
    .option('--rows <list>', 'rows that each table is filled to, one run a size', '1000,50000')
    .option('--production-rows <n>', 'rows in production, for a forecast of the time that others wait')
    .option('--env <name=value>', 'a variable for commands, such as DB={url}; may be repeated', collect, [])
    .option('--transaction <how>', 'how files run that hold no BEGIN: per-statement, or per-file', 'per-statement')
    .option('--timeout <time>', 'for everything together', '10m')
    .option('--json', 'the trace as JSON on stdout')
    .addHelpText('after', HELP_AFTER)
    .action(async (command: string[], options: TraceCommandOptions) => {
      process.exitCode = await perform(command, options);
    });
}

const HELP_AFTER = `
Commands find the shadow database in DATABASE_URL and PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE. In their words and
in --env, {url}, {host}, {port}, {user}, {password} and {database} stand for its parts.

Exit codes: 0 safe; 2 the command line, a file or the database cannot be used; 98 the trace could not be completed;
99 unsafe.

Examples:
  $ zdd-verify migrations trace --schema old.sql --old-queries queries.sql --sql 0042_add_total.sql
  $ zdd-verify migrations trace --schema-command "alembic upgrade 0041" --old-queries queries.json -- alembic upgrade head
  $ zdd-verify migrations trace --schema old.sql --down "npx knex migrate:down" -- npx knex migrate:latest
  $ zdd-verify migrations trace --database postgresql://me@staging/shop --sql 0042.sql --production-rows 20000000`;

async function perform(command: string[], options: TraceCommandOptions): Promise<ExitCode> {
  const [{ traceMigration, TraceIncomplete }, text] = await Promise.all([
    import('../migrations/trace/trace.js'),
    import('./migrations-trace-text.js'),
  ]);
  const halt = haltOnSignals();
  const say = (line: string): void => void process.stderr.write(`${plainText(line)}\n`);
  let server: { given: TraceServer; stop(): Promise<void> } | null = null;
  try {
    const asked = await read(command, options);
    server = await serverOf(options, say);
    const trace = await traceMigration({ ...asked, server: server.given, say, signal: halt.signal });
    if (options.json) process.stdout.write(`${JSON.stringify(trace, null, 2)}\n`);
    else {
      const sources = 'sql' in asked.migration ? asked.migration.sql : [];
      const style = styleOf(process.stdout, process.env);
      const lines = text.traceLines(trace, sources, { style, width: process.stdout.columns ?? 120 });
      process.stdout.write(`${lines.join('\n')}\n`);
    }
    return exitCodeFor(trace);
  } catch (error) {
    if (halt.received() !== null) return halt.received() as ExitCode;
    if (!(error instanceof TraceIncomplete)) throw error;
    say(`inconclusive: the trace could not be completed: ${messageOf(error)}`);
    return EXIT.INCONCLUSIVE;
  } finally {
    halt.release();
    await server?.stop();
  }
}

function exitCodeFor({ verdict }: MigrationTrace): ExitCode {
  return verdict === 'unsafe' ? EXIT.THRESHOLD : EXIT.PASS;
}

/** What was asked for, with everything that is read from files. */
async function read(
  argv: string[],
  options: TraceCommandOptions,
): Promise<Omit<TraceOptions, 'server' | 'say' | 'signal'>> {
  const { readSqlFiles } = await import('../migrations/check/sql-files.js');
  const { readQueries } = await import('../migrations/trace/query-file.js');
  const timeoutMs = parseDuration(options.timeout);
  if (timeoutMs === null)
    throw new ZddError('USAGE', `--timeout takes a duration such as 10m, not \`${options.timeout}\``);
  if (options.sql.length > 0 === argv.length > 0) {
    throw new ZddError('USAGE', 'expected either --sql FILE or `-- COMMAND`', {
      hint: 'zdd-verify migrations trace --schema old.sql --sql new.sql',
    });
  }
  if (options.downSql.length > 0 && options.down !== undefined) {
    throw new ZddError('USAGE', 'there is one way back: --down-sql FILE or --down COMMAND');
  }
  const connection = variablesOf(options.env);
  const commandOf = (words: string[]): TraceWork => ({
    command: { argv: words, cwd: process.cwd(), env: environment(), connection },
  });
  const shell = (script: string): TraceWork => commandOf(['sh', '-c', script]);
  const files = (names: string[]): Promise<TraceSql[]> => readSqlFiles(names, process.stdin);
  const queries = async (names: string[]) => (await Promise.all((await files(names)).map(readQueries))).flat();
  const schema = await files(options.schema);
  const down = await files(options.downSql);
  return {
    migration: argv.length > 0 ? commandOf(argv) : { sql: await files(options.sql) },
    schema: [...(schema.length > 0 ? [{ sql: schema }] : []), ...options.schemaCommand.map(shell)],
    oldQueries: await queries(options.oldQueries),
    newQueries: await queries(options.newQueries),
    down: down.length > 0 ? { sql: down } : options.down === undefined ? null : shell(options.down),
    rows: sizesOf(options.rows),
    productionRows: options.productionRows === undefined ? null : countOf('--production-rows', options.productionRows),
    timeoutMs,
    transaction: modeOf(options.transaction),
  };
}

function modeOf(transaction: string): 'per-statement' | 'per-file' {
  if (transaction === 'per-statement' || transaction === 'per-file') return transaction;
  throw new ZddError('USAGE', `--transaction ${transaction}: per-file or per-statement is expected.`);
}

function sizesOf(list: string): number[] {
  const sizes = list.split(',').map((each) => countOf('--rows', each.trim()));
  return [...new Set(sizes)].sort((one, other) => one - other);
}

/** A filled database of more would take the disk, not the time. */
const MOST_ROWS = 50_000_000;

function countOf(option: string, text: string): number {
  const count = Number(text.replaceAll('_', ''));
  const most = option === '--rows' ? MOST_ROWS : Number.MAX_SAFE_INTEGER;
  if (/^[\d_]+$/.test(text) && count <= most) return count;
  throw new ZddError('USAGE', `${option} takes whole numbers up to ${most}, not \`${text}\``);
}

function variablesOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw new ZddError('USAGE', `--env takes NAME=VALUE, such as DB={url}, not \`${pair}\``);
    }),
  );
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

async function serverOf(
  { database, inPlace, postgresBin }: TraceCommandOptions,
  say: (line: string) => void,
): Promise<{ given: TraceServer; stop(): Promise<void> }> {
  if (database !== undefined) {
    if (postgresBin !== undefined) throw new ZddError('USAGE', '--postgres-bin and --database exclude each other');
    if (inPlace) say('the migration is really applied to the database of --database');
    return { given: { database, inPlace: inPlace ?? false }, stop: async () => {} };
  }
  if (inPlace) throw new ZddError('USAGE', '--in-place goes with --database');
  const { startPostgres } = await import('../platform/postgres-server.js');
  const { embeddedPostgres } = await import('../platform/postgres-embedded.js');
  const bin = postgresBin ?? (await embeddedPostgres(process.cwd(), say));
  say(`starting a PostgreSQL of our own (${bin})`);
  const own = await startPostgres({ bin });
  return { given: { own }, stop: () => own.stop() };
}

/** The first signal ends what runs and removes what was made; a second SIGINT leaves at once, and the server ends itself. */
function haltOnSignals() {
  const controller = new AbortController();
  let code: ExitCode | null = null;
  const on = (signal: NodeJS.Signals): void => {
    if (code === EXIT.SIGINT && signal === 'SIGINT') process.exit(EXIT.SIGINT);
    code ??= signal === 'SIGINT' ? EXIT.SIGINT : EXIT.SIGTERM;
    controller.abort(new Error(`${signal} received`));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, on);
  return {
    signal: controller.signal,
    received: () => code,
    release: () => {
      for (const signal of signals) process.off(signal, on);
    },
  };
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
