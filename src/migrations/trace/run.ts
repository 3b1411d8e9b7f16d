import type { Client } from 'pg';
import { messageOf } from '../../model/errors.js';
import type { TransactionMode } from '../check/check.js';
import { installEventTriggers, removeEventTriggers } from './event-triggers.js';
import type { TraceWork } from './options.js';
import type { Place as ServerPlace } from './place.js';
import { tellPlans } from './plans.js';
import { startProxy, type TraceProxy } from './proxy.js';
import { filesOf, invalidIndexes, locksHeld, type Relations, relationsIn } from './relations.js';
import { startSampler } from './sampler.js';
import type { SeenStatement, Session } from './session.js';
import { type Place, runWork } from './work.js';

/** What was seen of one run of a migration, before anything is concluded from it. */
export interface Run {
  /** What was there before. */
  relations: Relations;
  statements: SeenStatement[];
  places: Map<SeenStatement, Place>;
  /** Why it did not come to its end; null where it did. */
  fault: string | null;
  /** By the number of a transaction: relations whose rows are in another place since. */
  moved: Map<number, Set<number>>;
  /** The same for relations that have no rows any more. */
  emptied: Map<number, Set<number>>;
  /** Rows that were changed, by the server's own count; null where it does not tell. */
  rowsChanged: number | null;
  /** Transactions that wrote meanwhile, by the server's own count; null where it does not tell. */
  xids: number | null;
  /** Rows that were read or changed, by the server's own count. */
  rowsTouched: number | null;
  invalidIndexes: string[];
  durationMs: number;
  /** What could not be seen, and why. */
  unseen: string[];
}

export interface RunOptions {
  place: ServerPlace;
  database: string;
  say: (line: string) => void;
  signal: AbortSignal;
  transaction?: TransactionMode | undefined;
}

const ENDED_MS = 10_000;
const ENDED_POLL_MS = 5;

/** Runs the work in the database and watches it. */
export async function runOnce(
  work: TraceWork,
  { place, database, say, signal, transaction }: RunOptions,
): Promise<Run> {
  const side = await place.connect(database);
  const sampling = await place.connect(database);
  const unseen: string[] = [];
  try {
    const triggers = await tryTriggers(side, unseen);
    const relations = await relationsIn(side);
    const before = await countsOf(side, relations);
    const moves = watchMoves(side, relations);
    await moves.begin();
    const proxy = await startProxy({
      connect: (settings) => connectTalkative(place, database, settings, unseen),
      onIdle: (session, pid, inTransaction) =>
        inTransaction ? noteLocks(side, session, pid) : moves.look(session.statements.at(-1)?.transaction ?? 0),
    });
    const stopSampling = startSampler(sampling, proxy.sessions, proxy.clock);
    const begin = proxy.clock.now();
    const worked = await runWork(work, { proxy, say, signal, transaction }).finally(async () => {
      await stopSampling();
      await proxy.close();
    });
    const durationMs = proxy.clock.now() - begin;
    signal.throwIfAborted();
    await sessionsEnded(side, proxy);
    const after = await countsOf(side, relations);
    if (triggers) await removeEventTriggers(side);
    return {
      relations,
      statements: proxy.statements(),
      places: worked.places,
      fault: worked.fault ?? (proxy.statements().length === 0 ? proxy.failure() : null),
      moved: moves.moved,
      emptied: moves.emptied,
      rowsChanged: after === null || before === null ? null : after.changed - before.changed,
      xids: after === null || before === null ? null : after.xid - before.xid,
      rowsTouched: after === null || before === null ? null : after.touched - before.touched,
      invalidIndexes: await invalidIndexes(side),
      durationMs,
      unseen,
    };
  } finally {
    await Promise.allSettled([side.end(), sampling.end()]);
  }
}

async function tryTriggers(side: Client, unseen: string[]): Promise<boolean> {
  try {
    await installEventTriggers(side);
    return true;
  } catch (error) {
    unseen.push(
      `locks of statements outside of a transaction are known by their kind and by samples only: event triggers need a superuser (${messageOf(error)})`,
    );
    return false;
  }
}

/** The server is asked to tell what it does, in English. */
async function connectTalkative(
  place: ServerPlace,
  database: string,
  settings: ReadonlyMap<string, string>,
  unseen: string[],
): Promise<Client> {
  const client = await place.connect(database, new Map([...settings, ['client_min_messages', 'debug1']]));
  await client.query("set lc_messages = 'C'").catch(() => {});
  const telling = await tellPlans(client);
  const without = 'how many rows a query reads while a lock is held: auto_explain needs a superuser and the module';
  if (!telling && !unseen.includes(without)) unseen.push(without);
  // A query that fails is over for the driver before the server is ready again: that word must not reach the migration.
  await client.query('select 1');
  return client;
}

async function noteLocks(side: Client, session: Session, pid: number): Promise<void> {
  session.holds((await locksHeld(side, [pid])).get(pid) ?? { locks: [], xids: [] });
}

/** Looks after each transaction which relations have their rows elsewhere, or none any more. */
function watchMoves(side: Client, relations: Relations) {
  const oids = [...relations.values()].flatMap(({ oid, file }) => (file === null ? [] : oid));
  let files: Awaited<ReturnType<typeof filesOf>> = new Map();
  const moved = new Map<number, Set<number>>();
  const emptied = new Map<number, Set<number>>();
  return {
    moved,
    emptied,
    begin: async (): Promise<void> => {
      files = await filesOf(side, oids);
    },
    look: async (transaction: number): Promise<void> => {
      const now = await filesOf(side, oids);
      for (const [oid, { file, isEmpty }] of now) {
        const before = files.get(oid);
        // One that had no rows before was filled, not written anew.
        if (before === undefined || before.isEmpty || before.file === file) continue;
        const list = isEmpty ? emptied : moved;
        list.set(transaction, (list.get(transaction) ?? new Set()).add(oid));
      }
      files = now;
    },
  };
}

/** What a session counted is added up when its process ends, a little after its connection. */
async function sessionsEnded(side: Client, proxy: TraceProxy): Promise<void> {
  const pids = [...new Set(proxy.statements().map(({ pid }) => pid))];
  const until = proxy.clock.now() + ENDED_MS;
  while (proxy.clock.now() < until) {
    const { rows } = await side.query<{ n: number }>(
      'select count(*)::int as n from pg_stat_activity where pid = any($1::int[])',
      [pids],
    );
    if (rows[0]?.n === 0) return;
    await proxy.clock.sleep(ENDED_POLL_MS);
  }
}

/** Of sessions that have ended: the server counts in each and adds up when it ends. */
async function countsOf(
  side: Client,
  relations: Relations,
): Promise<{ changed: number; touched: number; xid: number } | null> {
  try {
    await side.query('select pg_stat_clear_snapshot()');
    const { rows } = await side.query<{ changed: number; touched: number; xid: number }>(
      `select coalesce(sum(n_tup_upd + n_tup_del), 0)::float8 as changed,
        coalesce(sum(n_tup_upd + n_tup_del + coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::float8 as touched,
        txid_snapshot_xmax(txid_current_snapshot())::float8 as xid
       from pg_stat_user_tables where relid = any($1::oid[])`,
      [[...relations.keys()]],
    );
    return rows[0] ?? null;
  } catch {
    return null;
  }
}
