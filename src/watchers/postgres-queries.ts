import type { Connection } from '../platform/postgres-connection.js';

/** Below it are the tables of the system itself. */
const FIRST_OWN_OID = 16_384;
/** Characters of a statement that are asked for; it is shortened when what must not be kept is out of it. */
const STATEMENT_CHARS = 4000;

/** A session that waits for a lock, as the cheap question shows it. Times are of the server's clock, ms. */
export interface Waiting {
  pid: number;
  locktype: string;
  mode: string;
  relation: number | null;
  /** When it began to wait; null where the server does not say. */
  since: number | null;
}

export interface Look {
  now: number;
  waits: Waiting[];
}

/** What is known of a session that waits, or is waited for. */
export interface SessionRow {
  pid: number;
  /** Those it waits for, where that was asked. */
  behind: number[] | null;
  /** Null where the session is gone. */
  here: boolean | null;
  kind: string | null;
  application: string | null;
  user: string | null;
  state: string | null;
  query: string | null;
  beganAt: number | null;
  transactionAt: number | null;
  /** Of its locks on tables and indexes: type, mode, whether it has it, and on what. */
  locks: [type: string, mode: string, granted: boolean, relation: string, kind: string | null][] | null;
  /** Names of the relations that were asked for. */
  names: Record<string, string> | null;
}

const ms = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

/**
 * Who waits: answered from shared memory, without a look at any table. Advisory locks are left out: what they stand for
 * is the app's own business, and a worker may wait for one all day.
 */
export async function lookForWaits({ ask, knowsStarts }: Connection): Promise<Look> {
  const since = knowsStarts ? ms('waitstart') : 'null';
  const text = `select ${ms('clock_timestamp()')} as now,
    (select json_agg(json_build_array(pid, locktype, mode, relation::int8, ${since})) from pg_locks
      where not granted and pid <> pg_backend_pid() and locktype <> 'advisory') as waits`;
  const rows = await ask<{ now: number; waits: unknown[][] | null }>('waits', text);
  const { now, waits } = rows[0] as (typeof rows)[number];
  return {
    now,
    waits: (waits ?? []).map(
      ([pid, locktype, mode, relation, at]) => ({ pid, locktype, mode, relation, since: at }) as Waiting,
    ),
  };
}

const SESSIONS = `with asked as materialized (
    select pid, pg_blocking_pids(pid) as behind from unnest($1::int[]) as pid),
  sessions as materialized (
    select pid from asked union select unnest(behind) from asked),
  locks as materialized (
    select l.pid, json_agg(json_build_array(l.locktype, l.mode, l.granted, l.relation::regclass, c.relkind)) as locks
    from pg_locks l join sessions using (pid) left join pg_class c on c.oid = l.relation
    where l.relation >= ${FIRST_OWN_OID} and l.locktype in ('relation', 'tuple')
      and l.database = (select oid from pg_database where datname = current_database())
    group by l.pid)
  select s.pid, asked.behind, a.datname = current_database() as here, a.backend_type as kind,
    a.application_name as application, a.usename as user, a.state, left(a.query, ${STATEMENT_CHARS}) as query,
    ${ms('a.backend_start')} as "beganAt", ${ms('a.xact_start')} as "transactionAt", locks.locks,
    (select json_object_agg(relation, relation::regclass) from unnest($2::oid[]) as relation) as names
  from sessions s left join asked using (pid) left join pg_stat_activity a using (pid) left join locks using (pid)`;

/** More of those that wait and of those that they wait for: asked once for each wait. */
export function lookAtSessions({ ask }: Connection, waits: readonly Waiting[]): Promise<SessionRow[]> {
  const relations = [...new Set(waits.flatMap(({ relation }) => relation ?? []))];
  return ask<SessionRow>('sessions', SESSIONS, [waits.map(({ pid }) => pid), relations]);
}
