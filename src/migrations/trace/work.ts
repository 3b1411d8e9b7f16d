import type { Client } from 'pg';
import { messageOf, ZddError } from '../../model/errors.js';
import { startCommand } from '../../platform/command.js';
import { as } from '../check/ast.js';
import type { TransactionMode } from '../check/check.js';
import { loadParser } from '../check/parser.js';
import { Source } from '../check/source.js';
import { type Statement, statementsOf } from '../check/statements.js';
import { alembicConfig } from './alembic.js';
import type { TraceCommand, TraceSql, TraceWork } from './options.js';
import { type TraceProxy, urlOf } from './proxy.js';
import type { SeenStatement } from './session.js';

/** Where a statement stands that the user gave in a file. */
export interface Place {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface Worked {
  /** Why it did not come to its end; null where it did. */
  fault: string | null;
  places: Map<SeenStatement, Place>;
}

const NOTHING_SEEN =
  'the command ended well, and nothing that it ran reached the shadow database: it must connect by DATABASE_URL or by PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE (--env gives it other variables)';

export interface WorkOptions {
  proxy: TraceProxy;
  /** Output of a command, and what is done. */
  say: (line: string) => void;
  signal: AbortSignal;
  transaction?: TransactionMode | undefined;
}

/** Runs the migration, or what makes the schema, through the proxy. */
export async function runWork(work: TraceWork, options: WorkOptions): Promise<Worked> {
  if ('command' in work) return { fault: await runTraced(work.command, options), places: new Map() };
  const places = new Map<SeenStatement, Place>();
  await loadParser();
  for (const sql of work.sql) {
    const fault = await runFile(sql, options, places);
    if (fault !== null) return { fault, places };
  }
  return { fault: null, places };
}

/** Statements of a file, each with its text. */
export async function statementsIn(sql: TraceSql): Promise<{ text: string; statement: Statement }[]> {
  await loadParser();
  const source = new Source(sql);
  const { statements, faults } = statementsOf(source);
  const fault = faults[0];
  if (fault !== undefined) {
    const { line, column } = source.position(fault.at);
    throw new ZddError('USAGE', `${sql.file}:${line}:${column}: ${fault.message}`, {
      hint: 'SQL of PostgreSQL, without the commands of other programs',
    });
  }
  return statements.map((statement) => {
    refuseCopy(statement);
    return { text: source.text.slice(statement.span.start, statement.span.end), statement };
  });
}

/** The rows of a COPY stand in the file and are psql's to send. */
function refuseCopy({ node, source, span }: Statement): void {
  const copy = as(node, 'CopyStmt');
  if (copy?.is_from !== true || copy.filename !== undefined) return;
  const { line, column } = source.position(span.start);
  throw new ZddError('USAGE', `${source.file}:${line}:${column}: COPY with rows in the file needs psql`, {
    hint: `run the file with it: -- psql -v ON_ERROR_STOP=1 -f ${source.file}`,
  });
}

/** As `psql -v ON_ERROR_STOP=1 -f` would: one connection, one statement after the other, up to the first that fails. */
async function runFile(
  sql: TraceSql,
  { proxy, signal, transaction }: WorkOptions,
  places: Map<SeenStatement, Place>,
): Promise<string | null> {
  const statements = await statementsIn(sql);
  const isWrapped =
    transaction === 'per-file' && !statements.some(({ statement }) => 'TransactionStmt' in statement.node);
  const client = await connect(proxy);
  const stop = () => void proxy.abort().catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  const session = [...proxy.sessions.values()].at(-1);
  try {
    if (isWrapped) await client.query('BEGIN');
    for (const { text, statement } of statements) {
      signal.throwIfAborted();
      const before = session?.statements.length ?? 0;
      const error = await client.query(text).then(() => null, messageOf);
      const seen = session?.statements[before];
      if (seen !== undefined) places.set(seen, placeOf(statement));
      if (error === null && seen === undefined)
        return `${placeOf(statement).file}: a statement was not seen on its way`;
      if (error !== null) {
        const { file, line } = placeOf(statement);
        return signal.aborted ? messageOf(signal.reason) : `${file}:${line}: ${error}`;
      }
    }
    if (isWrapped) await client.query('COMMIT');
    return null;
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => {});
  }
}

function placeOf({ source, span }: Statement): Place {
  const start = source.position(span.start);
  const end = source.position(span.end);
  return { file: source.file, line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

async function connect({ host, port, user, password, database }: TraceProxy): Promise<Client> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ host, port, user, password, database, application_name: 'zdd-verify' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function runTraced(command: TraceCommand, { proxy, say, signal }: WorkOptions): Promise<string | null> {
  const filled = (text: string) => withConnection(text, proxy);
  const config = await alembicConfig(command, urlOf(proxy));
  const argv = (config?.argv ?? command.argv).map(filled);
  const running = await startCommand({
    run: argv,
    cwd: command.cwd,
    env: { ...environmentOf(command, proxy), ...config?.env },
    onLine: ({ text }) => say(text),
    now: proxy.clock.now,
    clean: (text) => text.replaceAll(proxy.password, '***'),
  });
  const stop = () => {
    void running.stop();
    void proxy.abort().catch(() => {});
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const { exitCode, signal: killedBy, startError } = await running.ended;
    const name = argv[0] as string;
    if (startError !== null) throw new ZddError('USAGE', `the command cannot be run: ${startError}`);
    if (signal.aborted) return messageOf(signal.reason);
    if (exitCode !== 0) return `${name} ended with ${killedBy ?? `exit code ${exitCode}`}`;
    if (proxy.statements().length === 0 && proxy.failure() === null) throw new Error(NOTHING_SEEN);
    return null;
  } finally {
    signal.removeEventListener('abort', stop);
    await running.close();
    await config?.remove();
  }
}

/** What libpq and most frameworks read; what would lead elsewhere is left out. */
function environmentOf({ env, connection }: TraceCommand, proxy: TraceProxy): Record<string, string> {
  const { PGSERVICE: _, PGHOSTADDR: __, PGOPTIONS: ___, ...rest } = env;
  const own = {
    DATABASE_URL: urlOf(proxy),
    PGHOST: proxy.host,
    PGPORT: String(proxy.port),
    PGUSER: proxy.user,
    PGPASSWORD: proxy.password,
    PGDATABASE: proxy.database,
    // It is on this machine's loopback address.
    PGSSLMODE: 'disable',
  };
  const asked = Object.entries(connection).map(([name, value]) => [name, withConnection(value, proxy)]);
  return { ...rest, ...own, ...Object.fromEntries(asked) };
}

function withConnection(text: string, proxy: TraceProxy): string {
  const values: Record<string, string> = {
    url: urlOf(proxy),
    host: proxy.host,
    port: String(proxy.port),
    user: proxy.user,
    password: proxy.password,
    database: proxy.database,
  };
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
