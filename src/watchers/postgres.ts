import { messageOf } from '../model/errors.js';
import { type Connection, connectPostgres, isOfPooler } from '../platform/postgres-connection.js';
import { poll } from './poll.js';
import { createLockTracer } from './postgres-locks.js';
import { createSight } from './sight.js';
import type { WatchContext, Watcher } from './watcher.js';

const EVERY_MS = 1000;
/** Waits for locks are looked for more often where a schema is changed, and while there are some. */
const LOOK_MS = 100;
const LOOK_CLOSELY_MS = 20;
const TOO_MANY_CONNECTIONS = '53300';

const SERVER = `select
  (select count(*)::int from pg_stat_activity
    where backend_type = 'client backend' or (backend_type is null and usename is not null)) as used,
  current_setting('max_connections')::int as most,
  pg_postmaster_start_time()::text as started,
  quote_ident(current_user) as role,
  exists (select from pg_stat_activity
    where datname = current_database() and query = '<insufficient privilege>' and usename is not null) as hidden`;

interface Server {
  used: number;
  most: number;
  started: string;
  role: string;
  hidden: boolean;
}

/** A PostgreSQL server: who waits for which lock, its connections, its restarts. It holds one connection itself. */
export const postgres: Watcher<'postgres'> = {
  name: 'postgres',
  async watch({ url }, context) {
    const { clock, signal } = context;
    const sight = createSight(context);
    const report = createReport(context);
    const locks = createLockTracer(context);
    context.onPhase(() => locks.phase());
    let connection: Connection | null = null;
    let plain = false;
    let askedAt = Number.NEGATIVE_INFINITY;
    const close = async (): Promise<void> => {
      const closing = connection;
      connection = null;
      locks.lost();
      await closing?.close();
    };
    const everyMs = (): number => {
      if (connection === null) return EVERY_MS;
      return context.phase() === 'migrate' || locks.anyWaits() ? LOOK_CLOSELY_MS : LOOK_MS;
    };
    try {
      await poll(context, everyMs, async () => {
        try {
          connection ??= await connectPostgres(url, plain, signal);
          await locks.look(connection);
          if (clock.now() - askedAt >= EVERY_MS || context.stopping.aborted) {
            askedAt = clock.now();
            report((await connection.ask<Server>('server', SERVER))[0] as Server);
            locks.second();
          }
          sight.sees();
        } catch (error) {
          await close();
          plain ||= isOfPooler(error);
          askedAt = Number.NEGATIVE_INFINITY;
          report(error as Error);
          sight.blind(messageOf(error));
        }
      });
    } finally {
      await close();
    }
  },
};

function createReport({ record }: WatchContext) {
  let started: string | null = null;
  let refused = false;
  let isHidden = false;
  return (answer: Server | Error): void => {
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
    if (answer.hidden && !isHidden)
      record({ what: 'unseen', detail: `the statements of other roles: GRANT pg_monitor TO ${answer.role}` });
    isHidden ||= answer.hidden;
    record({ what: 'value', subject: 'connections', value: answer.used, unit: 'count' });
    record({ what: 'value', subject: 'max_connections', value: answer.most, unit: 'count' });
  };
}
