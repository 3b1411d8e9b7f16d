import type { Client } from 'pg';
import { messageOf } from '../model/errors.js';
import { poll } from './poll.js';
import { createSight } from './sight.js';
import type { WatchContext, Watcher } from './watcher.js';

const EVERY_MS = 1000;
const ANSWER_MS = 3000;
const TOO_MANY_CONNECTIONS = '53300';

const QUERY = `select
  (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
  current_setting('max_connections')::int as most,
  pg_postmaster_start_time()::text as started`;

interface Answer {
  used: number;
  most: number;
  started: string;
}

/** Connections of a PostgreSQL server, and its restarts. It holds one connection itself. */
export const postgres: Watcher<'postgres'> = {
  name: 'postgres',
  async watch({ url }, context) {
    const sight = createSight(context);
    const see = createReport(context);
    let client: Client | null = null;
    const close = async (): Promise<void> => {
      const closing = client;
      client = null;
      await closing?.end().catch(() => {});
    };
    try {
      await poll(context, EVERY_MS, async () => {
        try {
          client ??= await connect(url, context.signal);
          see((await client.query<Answer>(QUERY)).rows[0] as Answer);
          sight.sees();
        } catch (error) {
          await close();
          see(error as Error);
          sight.blind(messageOf(error));
        }
      });
    } finally {
      await close();
    }
  },
};

/** Loads the driver only where a server is watched. */
async function connect(url: string, signal: AbortSignal): Promise<Client> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: url,
    application_name: 'zdd-verify',
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
  });
  // A connection that is lost between two questions; the next one says so.
  client.on('error', () => {});
  try {
    await client.connect();
    // Nobody waits for it any more, and nobody would close it.
    signal.throwIfAborted();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

function createReport({ record }: WatchContext) {
  let started: string | null = null;
  let refused = false;
  return (answer: Answer | Error): void => {
    if (answer instanceof Error) {
      const isRefusal = (answer as Error & { code?: string }).code === TOO_MANY_CONNECTIONS;
      if (isRefusal && !refused)
        record({ what: 'incident', subject: 'connections', detail: `the server takes no more: ${answer.message}` });
      refused = isRefusal;
      return;
    }
    refused = false;
    if (started !== null && answer.started !== started)
      record({ what: 'incident', subject: 'server', detail: `the server was started again at ${answer.started}` });
    started = answer.started;
    record({ what: 'value', subject: 'connections', value: answer.used, unit: 'count' });
    record({ what: 'value', subject: 'max_connections', value: answer.most, unit: 'count' });
  };
}
