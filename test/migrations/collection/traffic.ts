import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

/** A query that does not work as it should. */
export interface QueryError {
  sql: string;
  form: 'prepared' | 'unprepared';
  sqlstate: string;
  message: string;
}

const FORMS = ['prepared', 'unprepared'] as const;

/** One connection that keeps sending the queries of a release. */
export interface Traffic {
  pid: number;
  /** Each of them once, in both forms. */
  round: () => Promise<QueryError[]>;
  start: () => void;
  stop: () => Promise<Outcome>;
}

/** What was seen since the start. */
interface Outcome {
  failed: QueryError[];
  /** The longest time in which no query ended. */
  silentMs: number;
}

/** Writes are rolled back, with deferred constraints checked before. */
export async function traffic(client: pg.Client, queries: readonly string[], writes: boolean): Promise<Traffic> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  let last = 0;
  let silentMs = 0;
  const send = async (sql: string, index: number, form: QueryError['form']): Promise<QueryError | null> => {
    const query = form === 'prepared' ? { name: `query ${index}`, text: sql } : { text: sql };
    try {
      if (writes) await client.query('BEGIN');
      await client.query(query);
      if (writes) await client.query('SET CONSTRAINTS ALL IMMEDIATE');
      return null;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === undefined) throw error; // the connection is gone
      return { sql, form, sqlstate: code, message };
    } finally {
      if (writes) await client.query('ROLLBACK');
      const now = performance.now();
      silentMs = Math.max(silentMs, now - last);
      last = now;
    }
  };
  const round = async (): Promise<QueryError[]> => {
    const failed: QueryError[] = [];
    for (const [index, sql] of queries.entries())
      for (const form of FORMS) {
        const error = await send(sql, index, form);
        if (error !== null) failed.push(error);
      }
    return failed;
  };
  let isOver = false;
  let loop: Promise<QueryError[]> = Promise.resolve([]);
  const run = async (): Promise<QueryError[]> => {
    const failed: QueryError[] = [];
    while (!isOver && queries.length > 0) {
      for (const error of await round()) if (!failed.some((each) => isSame(each, error))) failed.push(error);
      await delay(1);
    }
    return failed;
  };
  return {
    pid: rows[0]!.pid,
    round,
    start: () => {
      isOver = false;
      last = performance.now();
      silentMs = 0;
      loop = run();
      loop.catch(() => undefined); // told by stop
    },
    stop: async () => {
      isOver = true;
      return { failed: await loop, silentMs: queries.length === 0 ? 0 : silentMs };
    },
  };
}

export function isSame(a: QueryError, b: QueryError): boolean {
  return a.sql === b.sql && a.form === b.form && a.sqlstate === b.sqlstate;
}

/** Whether it changes or locks rows. */
export function isWrite(sql: string): boolean {
  return !/^(SELECT|TABLE|VALUES)\b/i.test(sql) || /\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE)\b|\bnextval\b/i.test(sql);
}
