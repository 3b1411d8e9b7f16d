import type { Client } from 'pg';
import { messageOf } from '../../model/errors.js';
import type { TracedQuery } from '../../model/migrations.js';
import type { OldQuery } from './options.js';
import { type FilledQuery, fillParameters } from './parameters.js';

/** How a query ended; null where it succeeded. */
export type Ending = { code: string; message: string } | null;

/** A query of a release that works on that release's own schema, with values for its parameters. */
export interface UsableQuery extends FilledQuery {
  id: string | null;
  /** How it ends there: a value of ours may break a constraint. */
  atHome: Ending;
}

/** Queries of one release, tried on its own schema first and on that of the other one later. */
export interface Replay {
  /** Why a query cannot be judged, one line each. */
  unusable: string[];
  /** Relations that the queries lock, by number; null where not every query could show it. */
  touched: ReadonlySet<number> | null;
  /** Tries every usable query, on the connection that knows the old schema and on a new one. */
  again(): Promise<{ queries: TracedQuery[]; doubtful: string[] }>;
  close(): Promise<void>;
}

const QUERY_MS = 30_000;
/** What a value of ours may cause: it cannot be cast, it is there already, it points to nothing. */
const BY_VALUES = /^2[23]/;
const NOT_NULL = '23502';
/** The server was told to stop, or is overloaded. */
const BY_CIRCUMSTANCES = /^(?:57|53|55P03|40)/;

const LOCKED = `select distinct relation::int8::text as oid from pg_locks
  where pid = pg_backend_pid() and locktype = 'relation' and relation >= 16384`;

/** Runs the queries on the schema as it is now; its connection stays open and keeps what it has prepared. */
export async function openReplay(connect: () => Promise<Client>, queries: readonly OldQuery[]): Promise<Replay> {
  const living = queries.length === 0 ? null : await connect();
  const filled =
    living === null
      ? []
      : await fillParameters(
          living,
          queries.map(({ sql }) => sql),
        );
  const usable: UsableQuery[] = [];
  const touched = new Set<number>();
  const unusable: string[] = [];
  for (const [index, { id }] of queries.entries()) {
    const query = filled[index] as FilledQuery;
    const atHome = await attempt(living as Client, query, index, touched);
    if (atHome === null || BY_VALUES.test(atHome.code)) usable.push({ ...query, id, atHome });
    else unusable.push(`${named({ id, sql: query.sql })} fails on its own schema already: ${atHome.message}`);
  }
  return {
    unusable,
    touched: usable.length > 0 && usable.every(({ atHome }) => atHome === null) ? touched : null,
    again: async () => {
      const fresh = queries.length === 0 ? null : await connect();
      const told: TracedQuery[] = [];
      const doubtful: string[] = [];
      for (const query of usable) {
        const index = filled.findIndex(({ sql }) => sql === query.sql);
        const endings = [await attempt(fresh as Client, query, index), await attempt(living as Client, query, index)];
        const failing = endings.find((ending) => isFailure(query, ending)) ?? null;
        told.push({ id: query.id, sql: query.sql, error: failing === null ? null : spelled(failing) });
        const open = endings.find((ending) => ending !== null && isDoubtful(query, ending)) ?? null;
        if (failing === null && open !== null) {
          doubtful.push(`${named(query)} ends with "${open.message}", which may be due to the values it was given`);
        }
      }
      await fresh?.end();
      return { queries: told, doubtful };
    },
    close: async () => {
      await living?.end().catch(() => {});
    },
  };
}

/** As a driver runs it, prepared by name, in a transaction that is taken back. */
async function attempt(
  client: Client,
  { sql, values }: FilledQuery,
  index: number,
  touched: Set<number> = new Set(),
): Promise<Ending> {
  try {
    await client.query('begin');
    await client.query(`set local statement_timeout = ${QUERY_MS}`);
    await client.query({ name: `zdd_verify_${index}`, text: sql, values });
    const { rows } = await client.query<{ oid: string }>(LOCKED);
    for (const { oid } of rows) touched.add(Number(oid));
    return null;
  } catch (error) {
    return { code: (error as { code?: string }).code ?? '', message: messageOf(error) };
  } finally {
    await client.query('rollback').catch(() => {});
  }
}

function isFailure({ atHome, values }: UsableQuery, ending: Ending): boolean {
  if (ending === null || BY_CIRCUMSTANCES.test(ending.code)) return false;
  if (!BY_VALUES.test(ending.code)) return true;
  if (ending.code === NOT_NULL) return atHome?.code !== NOT_NULL;
  return atHome === null && values.length === 0;
}

function isDoubtful(query: UsableQuery, ending: NonNullable<Ending>): boolean {
  return !isFailure(query, ending) && ending.code !== query.atHome?.code;
}

function spelled({ code, message }: NonNullable<Ending>): string {
  return code === '' ? message : `${code}: ${message}`;
}

export function named({ id, sql }: { id: string | null; sql: string }): string {
  const line = sql.replace(/\s+/g, ' ').trim();
  return `the query ${id ?? (line.length > 80 ? `${line.slice(0, 79)}…` : line)}`;
}
