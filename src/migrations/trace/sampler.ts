import type { Client } from 'pg';
import type { Clock } from '../../platform/clock.js';
import { locksHeld } from './relations.js';
import type { Session } from './session.js';

const EVERY_MS = 4;

/**
 * Looks again and again at what the sessions hold: the locks of statements that tell nothing themselves (CONCURRENTLY,
 * VACUUM, TRUNCATE, and everything inside a string with several statements).
 */
export function startSampler(
  client: Client,
  sessions: ReadonlyMap<number, Session>,
  clock: Clock,
): () => Promise<void> {
  const halt = new AbortController();
  const running = sample(client, sessions, clock, halt.signal);
  return async () => {
    halt.abort();
    await running;
  };
}

async function sample(
  client: Client,
  sessions: ReadonlyMap<number, Session>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const busy = [...sessions].flatMap(([pid, session]) => {
      const statement = session.current;
      return statement === null ? [] : [{ pid, session, statement }];
    });
    if (busy.length > 0) {
      const held = await locksHeld(
        client,
        busy.map(({ pid }) => pid),
      ).catch(() => null);
      // The connection is gone, and so is the migration's; that is told where the migration ends.
      if (held === null) return;
      for (const { pid, session, statement } of busy) {
        // What was held by a statement that ended meanwhile is not the next one's.
        if (session.current === statement) session.holds(held.get(pid) ?? { locks: [], xids: [] });
      }
    }
    await clock.sleep(EVERY_MS, signal).catch(() => {});
  }
}
