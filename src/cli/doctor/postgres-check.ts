import { messageOf } from '../../model/errors.js';
import { connectPostgres, isOfPooler } from '../../platform/postgres-connection.js';
import type { Found } from './check.js';

const QUESTION = `select current_setting('server_version') as version, quote_ident(current_user) as role,
  pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees`;

interface Answer {
  version: string;
  role: string;
  sees: boolean;
}

/** Whether the server answers, and whether its watcher would see the statements of all roles. */
export async function lookAtPostgres(url: string, plain = false): Promise<Found> {
  try {
    const connection = await connectPostgres(url, plain, new AbortController().signal);
    try {
      const [answer] = await connection.ask<Answer>('doctor', QUESTION);
      const { version = '', role = '', sees = false } = answer ?? {};
      const found = `PostgreSQL ${version} answers`;
      if (sees) return { found: `${found}, and the statements of all roles are seen` };
      return {
        partly: `${found}; statements of other roles than ${role} are not seen`,
        fix: `Waits for locks are seen all the same, without what the others run: GRANT pg_monitor TO ${role}`,
      };
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!plain && isOfPooler(error)) return lookAtPostgres(url, true);
    return { problem: messageOf(error) };
  }
}
