import type { Cause } from './cause.js';
import { lockSign } from './locks-seen.js';
import { must, sign } from './sign.js';

export const lockQueue: Cause = {
  name: 'lock-queue',
  mode: 27,
  claim:
    'The migration waited for a lock behind a long transaction, and every request that needs the table waited behind the migration.',
  signature: 'No errors; a plateau as long as the blocker lives, cleared in one moment.',
  because: 'A statement that waits for ACCESS EXCLUSIVE makes all later readers wait too, however short it is itself.',
  remedy: 'Give the migration a short `lock_timeout` and repeat it, with jitter.',
  fixes: { postgres: "PostgreSQL: `SET lock_timeout = '1s'` in the migration's session, and retry." },
  references: ['https://www.postgresql.org/docs/current/explicit-locking.html'],
  signs: (v) => [
    must(v.incident.stalls.length > 0 || v.share('timeout') > 0.5, 'requests waited', 1),
    must(v.share('refused', 'reset', 'closed') < 0.1, 'no connection failed', 0),
    lockSign(v.locks, 'queue', 'sessions waited behind a change of the schema that waited itself'),
    sign(v.kind === 'migrate', 4, 'in a migration'),
    sign(v.processes.appUntouched, 1, 'no process was replaced'),
    sign(readsWaited(v), 2, 'reads waited as well'),
    sign((v.writesFirstMs ?? 0) > 300 ? false : null, 3, 'from the same moment on'),
    sign(v.failed <= 5, 1, 'without errors'),
  ],
};

/** A flow with a safe method stalled. */
export function readsWaited({ incident, run }: Parameters<Cause['signs']>[0]): boolean {
  const stalled = new Set(incident.stalls.flatMap(({ streams }) => streams));
  return run.header.traffic.flows.some(({ name, method }) => stalled.has(name) && method === 'GET');
}
