import { messageOf, ZddError } from '../../model/errors.js';
import type { MigrationTrace } from '../../model/migrations.js';
import { clockSince, monotonicNs } from '../../platform/clock.js';
import { conclude } from './conclude.js';
import { type Measured, measure } from './measure.js';
import type { TraceOptions } from './options.js';
import { placeOf } from './place.js';
import { openReplay, type Replay } from './replay.js';
import type { RunOptions } from './run.js';
import { prepareShadow, type Shadow } from './shadow.js';
import type { Traced } from './traced.js';
import { growsUnexplained } from './waits.js';

/** The trace itself could not be completed: it says nothing of the migration. */
export class TraceIncomplete extends Error {
  override readonly name = 'TraceIncomplete';
}

/** How often two sizes are run again where only their times speak against the migration. */
const REPEATS = 2;
/** Values that cannot be cast, or that break a constraint. */
const BY_VALUES = /^2[23]/;

/**
 * Runs a migration on a shadow database, and the queries of the old release after it.
 * @throws TraceIncomplete where that could not be brought to its end; ZddError where what was asked for is wrong.
 */
export async function traceMigration(given: TraceOptions): Promise<MigrationTrace> {
  const limit = limited(given.signal, given.timeoutMs);
  const { signal } = limit;
  const options = { ...given, signal };
  const place = await placeOf(options.server);
  try {
    const shadow = await prepareShadow(place, options);
    const traced = await trace(shadow, options);
    signal.throwIfAborted();
    return await conclude(traced);
  } catch (error) {
    if (given.signal.aborted) throw given.signal.reason;
    if (signal.aborted) throw new TraceIncomplete(`it took longer than ${Math.round(given.timeoutMs / 1000)} s`);
    if (error instanceof ZddError || error instanceof TraceIncomplete) throw error;
    throw new TraceIncomplete(messageOf(error), { cause: error });
  } finally {
    limit.lift();
    await place.close();
  }
}

/** A signal that is given with the other one, and when the time is over. */
function limited(outer: AbortSignal, ms: number): { signal: AbortSignal; lift(): void } {
  const inner = new AbortController();
  const lifted = new AbortController();
  const passOn = () => inner.abort(outer.reason);
  if (outer.aborted) passOn();
  outer.addEventListener('abort', passOn, { once: true });
  clockSince(monotonicNs())
    .sleep(ms, lifted.signal)
    .then(
      () => inner.abort(new Error('the time is over')),
      () => {},
    );
  return {
    signal: inner.signal,
    lift: () => {
      outer.removeEventListener('abort', passOn);
      lifted.abort();
    },
  };
}

async function trace(shadow: Shadow, options: TraceOptions): Promise<Traced> {
  const sizes = shadow.place.staging === null ? options.rows : [null];
  const traced: Traced = {
    options,
    place: shadow.place,
    runs: [],
    repeats: [],
    old: null,
    touched: null,
    back: null,
    failedByRows: null,
    unfilled: [],
    unseen: [],
  };
  for (const [index, rows] of sizes.entries()) {
    if (rows !== null && sizes.length > 1) options.say(`the migration with ${rows} rows in each table`);
    const run = index === 0 ? await firstRun(shadow, rows, traced) : await nextRun(shadow, rows, traced);
    const failed = run.run.statements.findLast(({ error }) => error !== null)?.error;
    if (index > 0 && run.run.fault !== null && failed != null && BY_VALUES.test(failed.code)) {
      traced.unseen.push(`what it does with ${rows} rows: it failed by values that were made up (${failed.message})`);
      break;
    }
    traced.runs.push(run);
    if (run.run.fault !== null || traced.failedByRows !== null || run.run.relations.size === 0) break;
  }
  await confirmGrowth(shadow, traced);
  return traced;
}

async function firstRun(shadow: Shadow, rows: number | null, traced: Traced): Promise<Measured> {
  const run = await fullRun(shadow, rows, traced);
  if (run.run.fault === null || rows === null || rows === 0) return run;
  const message = run.run.statements.findLast(({ error }) => error !== null)?.error?.message ?? run.run.fault;
  traced.options.say('it failed, with rows that were made up: once more without rows');
  const empty: Traced = { ...traced, unseen: [], unfilled: [] };
  const again = await fullRun(shadow, 0, empty);
  if (again.run.fault !== null) return run;
  const { old, back, touched } = empty;
  Object.assign(traced, { old, back, touched, failedByRows: message });
  return again;
}

/** With the queries of both releases, and the way back. */
async function fullRun(shadow: Shadow, rows: number | null, traced: Traced): Promise<Measured> {
  const { place } = shadow;
  const { options } = traced;
  const { name: database, unfilled } = await shadow.database(rows);
  traced.unfilled = unfilled;
  const connect = () => place.connect(database);
  const runOptions = runOptionsOf(shadow, database, options);
  const replays: Replay[] = [];
  try {
    const old = await openReplay(connect, options.oldQueries);
    replays.push(old);
    const run = await measure(options.migration, rows, runOptions);
    traced.old = await old.again();
    traced.touched = old.touched;
    traced.unseen.push(...run.run.unseen, ...old.unusable, ...traced.old.doubtful);
    if (options.down !== null && run.run.fault === null) {
      options.say('the way back');
      const fresh = await openReplay(connect, options.newQueries);
      replays.push(fresh);
      const back = await measure(options.down, rows, runOptions);
      traced.back = { run: back, new: await fresh.again(), old: await old.again() };
      traced.unseen.push(...fresh.unusable, ...traced.back.new.doubtful, ...traced.back.old.doubtful);
    }
    return run;
  } finally {
    for (const each of replays) await each.close();
    await shadow.drop(database);
  }
}

async function nextRun(shadow: Shadow, rows: number | null, { options }: Traced): Promise<Measured> {
  options.signal.throwIfAborted();
  const { name } = await shadow.database(rows);
  try {
    return await measure(options.migration, rows, runOptionsOf(shadow, name, options));
  } finally {
    await shadow.drop(name);
  }
}

function runOptionsOf(shadow: Shadow, database: string, options: TraceOptions): RunOptions & { major: number } {
  const { say, signal, transaction } = options;
  return { place: shadow.place, database, say, signal, transaction, major: shadow.place.major };
}

/** A time that grew once may be a machine that was busy: both sizes are run again, and the shortest times count. */
async function confirmGrowth(shadow: Shadow, traced: Traced): Promise<void> {
  const few = traced.runs[0];
  const many = traced.runs.at(-1);
  if (few === undefined || many === undefined || few === many || many.run.fault !== null) return;
  if (!growsUnexplained(few, many)) return;
  traced.options.say('a lock was held for longer with more rows: measuring again');
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    for (const { rows } of [few, many]) traced.repeats.push(await nextRun(shadow, rows, traced));
  }
}
