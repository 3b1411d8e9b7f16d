import type { LockSession } from '../model/watch.js';
import type { ServerClock } from './postgres-clock.js';
import type { SessionRow, Waiting } from './postgres-queries.js';
import { statementOf } from './postgres-statement.js';

/** Locks on tables, the weakest first. */
const MODES = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

/** Tables, partitioned ones, and what is kept of a view. */
const TABLES = ['r', 'p', 'm'];

/** Whether it is a connection of a client to the database that is watched; workers of the server itself are none. */
export function isClient({ here, kind, user }: SessionRow): boolean {
  // Without the right to see more there is neither kind nor user of a worker, and the user alone of a client.
  return here !== false && (kind === null ? user !== null || here === null : kind === 'client backend');
}

export function sessionOf(row: SessionRow, relation: string | null, clock: ServerClock): LockSession {
  const time = (at: number | null): number | null => (at === null ? null : clock.toRun(at));
  const held = (row.locks ?? []).filter(
    ([type, , granted, name]) => type === 'relation' && granted && name === relation,
  );
  return {
    pid: row.pid,
    // The server's own processes have neither name nor user.
    application: row.application === '' && row.kind !== 'client backend' ? row.kind : row.application,
    user: row.user,
    statement: statementOf(row.query),
    state: row.state,
    beganAt: time(row.beganAt),
    transactionAt: time(row.transactionAt),
    holds: held.map(([, mode]) => mode).reduce(stronger, null as string | null),
  };
}

function stronger(a: string | null, b: string): string {
  return a !== null && MODES.indexOf(a) >= MODES.indexOf(b) ? a : b;
}

/**
 * What is waited for. Who waits for the end of a transaction waits for a row that it changed: the row's own lock names
 * the table, else the one table that is being written to.
 */
export function relationOf({ relation }: Waiting, row: SessionRow | undefined): string | null {
  if (relation !== null) return row?.names?.[relation] ?? null;
  const locks = row?.locks ?? [];
  const rows = locks.find(([type]) => type === 'tuple');
  if (rows !== undefined) return rows[3];
  const written = locks.filter(
    ([type, mode, , , kind]) => type === 'relation' && mode === 'RowExclusiveLock' && TABLES.includes(kind ?? ''),
  );
  return written.length === 1 ? (written[0]?.[3] ?? null) : null;
}
