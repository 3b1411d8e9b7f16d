import type { Client, QueryResultRow } from 'pg';

const ANSWER_MS = 3000;
/** No look of this kind takes that long, unless the catalogue itself is locked. */
const STATEMENT_MS = 2000;
/** From this version on the server says when a wait for a lock began. */
const KNOWS_STARTS = 140_000;

/** A connection to the server that is watched. */
export interface Connection {
  /** Asks; a question that comes again is prepared under its name. */
  ask<Row extends QueryResultRow>(name: string, text: string, values?: unknown[]): Promise<Row[]>;
  knowsStarts: boolean;
  close(): Promise<void>;
}

/** What a pooler between answers that lends a connection for one transaction: it knows no settings, no prepared statements. */
const OF_POOLERS = ['08P01', '26000', '42P05'];

export function isOfPooler(error: unknown): boolean {
  return OF_POOLERS.includes((error as { code?: string }).code ?? '');
}

/**
 * Connects. `plain`: nothing is set or prepared for the connection, so that others that use it after us find it as it
 * was. Loads the driver only where a server is watched.
 */
export async function connectPostgres(url: string, plain: boolean, signal: AbortSignal): Promise<Connection> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: url,
    application_name: 'zdd-verify',
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    ...(plain ? {} : { statement_timeout: STATEMENT_MS, lock_timeout: STATEMENT_MS }),
  });
  // A connection that is lost between two questions; the next one says so.
  client.on('error', () => {});
  try {
    await client.connect();
    const connection = await connectionOf(client, plain);
    // Nobody waits for it any more, and nobody would close it.
    signal.throwIfAborted();
    return connection;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function connectionOf(client: Client, plain: boolean): Promise<Connection> {
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  return {
    ask: async <Row extends QueryResultRow>(name: string, text: string, values: unknown[] = []) =>
      (await client.query<Row>({ text, values, ...(plain ? {} : { name: `zdd-${name}` }) })).rows,
    knowsStarts: (rows[0]?.version ?? 0) >= KNOWS_STARTS,
    close: () => client.end().catch(() => {}),
  };
}
