import type { Client } from 'pg';
import { modeOf } from './relations.js';
import type { HeldLock, SeenStatement } from './session.js';

/**
 * What a statement in no transaction of its own holds is gone when it has ended: these tell it from inside, by a line
 * that only the trace reads. They also make the server talkative again where a migration has silenced it.
 */
const INSTALL = `
create schema zdd_verify;
create function zdd_verify.begins() returns event_trigger language plpgsql as $$
begin
  perform pg_catalog.set_config('client_min_messages', 'debug1', false);
end $$;
create function zdd_verify.ends() returns event_trigger language plpgsql as $$
begin
  raise debug 'zdd-verify locks %', (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(l.relation::int8, l.mode)), '[]')
    from pg_catalog.pg_locks l
    where l.pid = pg_catalog.pg_backend_pid() and l.granted and l.locktype = 'relation' and l.relation >= 16384
      and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()));
end $$;
create function zdd_verify.rewrites() returns event_trigger language plpgsql as $$
begin
  raise debug 'zdd-verify rewrite %', pg_catalog.pg_event_trigger_table_rewrite_oid()::int8;
end $$;
create event trigger zdd_verify_begins on ddl_command_start execute function zdd_verify.begins();
create event trigger zdd_verify_ends on ddl_command_end execute function zdd_verify.ends();
create event trigger zdd_verify_rewrites on table_rewrite execute function zdd_verify.rewrites();`;

const REMOVE = `
drop event trigger if exists zdd_verify_begins;
drop event trigger if exists zdd_verify_ends;
drop event trigger if exists zdd_verify_rewrites;
drop schema if exists zdd_verify cascade;`;

export async function installEventTriggers(client: Client): Promise<void> {
  await client.query(INSTALL);
}

export async function removeEventTriggers(client: Client): Promise<void> {
  await client.query(REMOVE);
}

const LOCKS = /^zdd-verify locks (.*)$/s;
const REWRITE = /^zdd-verify rewrite (\d+)$/;

/** What the triggers told of a statement. */
export function toldByTriggers({ notices }: SeenStatement): { locks: HeldLock[]; rewrote: number[] } {
  const locks = notices.flatMap(({ message }) => {
    const list = LOCKS.exec(message)?.[1];
    if (list === undefined) return [];
    return (JSON.parse(list) as [number, string][]).map(([oid, mode]) => ({ oid, mode: modeOf(mode) }));
  });
  return { locks, rewrote: notices.flatMap(({ message }) => Number(REWRITE.exec(message)?.[1] ?? []) || []) };
}
