import { messageOf, ZddError } from '../../model/errors.js';
import { fillTables } from './fill.js';
import type { TraceOptions } from './options.js';
import type { Place } from './place.js';
import { startProxy } from './proxy.js';
import { runWork } from './work.js';

/** The databases of a trace: one for each run, all alike but for the number of rows. */
export interface Shadow {
  place: Place;
  /** Made for a run, with so many rows in each table; null for the rows that are there. */
  database(rows: number | null): Promise<{ name: string; unfilled: string[] }>;
  drop(name: string): Promise<void>;
}

/** Makes the schema that the old release runs on. */
export async function prepareShadow(place: Place, options: TraceOptions): Promise<Shadow> {
  if (place.staging !== null && place.inPlace) return inPlace(place, place.staging, options);
  const base = await place.create(place.staging);
  await makeSchema(place, base, options);
  return {
    place,
    database: async (rows) => {
      const name = await place.create(base);
      if (rows === null) return { name, unfilled: [] };
      const client = await place.connect(name);
      try {
        return { name, unfilled: rows === 0 ? [] : await fillTables(client, rows) };
      } finally {
        await client.end();
      }
    },
    drop: (name) => place.drop(name),
  };
}

async function inPlace(place: Place, name: string, options: TraceOptions): Promise<Shadow> {
  await refuseOthers(place, name);
  await makeSchema(place, name, options);
  return { place, database: async () => ({ name, unfilled: [] }), drop: async () => {} };
}

/** A migration that is really applied must not meet somebody's work, nor be measured against it. */
async function refuseOthers(place: Place, name: string): Promise<void> {
  const client = await place.connect(name);
  try {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and application_name <> 'zdd-verify'
         and coalesce(backend_type, 'client backend') = 'client backend'`,
    );
    const others = rows[0]?.n ?? 0;
    if (others === 0) return;
    throw new ZddError(
      'USAGE',
      `${others} other ${others === 1 ? 'session is' : 'sessions are'} connected to ${name}: is it really a shadow database?`,
      {
        hint: 'the migration is really applied to it; end those sessions first, or leave out --in-place',
      },
    );
  } finally {
    await client.end();
  }
}

async function makeSchema(place: Place, database: string, { schema, say, signal }: TraceOptions): Promise<void> {
  for (const work of schema) {
    const proxy = await startProxy({
      connect: (settings) => place.connect(database, settings),
      onIdle: async () => {},
    });
    try {
      const { fault } = await runWork(work, { proxy, say, signal });
      if (fault === null) continue;
      const said = 'command' in work ? firstError(proxy.statements().map(({ error }) => error?.message)) : '';
      throw new ZddError('USAGE', `the schema of the old release cannot be made: ${fault}${said}`);
    } catch (error) {
      throw signal.aborted ? new Error(messageOf(signal.reason)) : error;
    } finally {
      await proxy.close();
    }
  }
}

function firstError(messages: readonly (string | undefined)[]): string {
  const message = messages.findLast((each) => each !== undefined);
  return message === undefined ? '' : ` (the server: ${message})`;
}
