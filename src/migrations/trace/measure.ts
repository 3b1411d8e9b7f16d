import type { TracedSize } from '../../model/migrations.js';
import { type Facts, factsOf, type Hold, holdsOf } from './facts.js';
import type { TraceWork } from './options.js';
import { type Run, type RunOptions, runOnce } from './run.js';

const NOTHING_WRITTEN =
  'the command ended well and wrote nothing: does the schema of the old release hold the migration already?';

/** One run of the migration with what it did. */
export interface Measured {
  rows: number;
  run: Run;
  facts: Facts[];
  holds: Hold[];
  rowLocks: RowLocks | null;
}

/** The transaction that keeps most rows locked. */
export interface RowLocks {
  by: Facts;
  rows: number;
  ms: number;
}

export async function measure(
  work: TraceWork,
  rows: number | null,
  options: RunOptions & { major: number },
): Promise<Measured> {
  const run = await runOnce(work, options);
  if ('command' in work && run.fault === null && run.xids === 0) throw new Error(NOTHING_WRITTEN);
  const facts = factsOf(run, options.major);
  const most = Math.max(0, ...[...run.relations.values()].map((relation) => relation.rows));
  return { rows: rows ?? most, run, facts, holds: holdsOf(facts), rowLocks: rowLocksOf(run, facts) };
}

export function sizeOf({ rows, run, holds, rowLocks }: Measured): TracedSize {
  const held = holds.map(({ ms }) => ms);
  return {
    rows,
    durationMs: rounded(run.durationMs),
    blockingMs: rounded(Math.max(0, ...held, rowLocks === null || rowLocks.rows < FEW_ROWS ? 0 : rowLocks.ms)),
  };
}

/** A handful of rows is locked by every migration that corrects something. */
const FEW_ROWS = 100;

export function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function rowLocksOf(run: Run, facts: readonly Facts[]): RowLocks | null {
  const all = [...told(facts), ...untold(run, facts)];
  return all.sort((one, other) => other.rows - one.rows)[0] ?? null;
}

/** Rows by the statements' own counts, one entry a transaction. */
function told(facts: readonly Facts[]): RowLocks[] {
  const transactions = new Map<number, RowLocks>();
  for (const by of facts.filter(({ rows }) => rows > 0)) {
    const before = transactions.get(by.seen.transaction);
    transactions.set(by.seen.transaction, {
      by: before === undefined || by.rows > before.by.rows ? by : before.by,
      rows: (before?.rows ?? 0) + by.rows,
      ms: 0,
    });
  }
  return [...transactions.values()].map((each) => ({ ...each, ms: untilEnd(each.by, facts) }));
}

/**
 * Rows that the server has counted and no statement has told of: changed inside of blocks and functions, or by a foreign
 * key's cascade. A procedure that commits in between holds only some of them at a time.
 */
function untold({ rowsChanged, xids }: Run, facts: readonly Facts[]): RowLocks[] {
  const counted = facts.reduce((sum, { seen }) => sum + countOf(seen.tag), 0);
  const hidden = (rowsChanged ?? 0) - counted;
  const blocks = facts.filter(
    ({ statement }) => statement !== null && /^(?:Do|Call|Select)Stmt$/.test(kind(statement)),
  );
  const by = longest(blocks.length > 0 ? blocks : facts);
  if (hidden <= 0 || by === null) return [];
  // Samples miss some; that there was more than one shows that it commits.
  const transactions = by.seen.xids.size > 1 ? Math.max(by.seen.xids.size, xids ?? 0) : 1;
  return [{ by, rows: Math.round(hidden / transactions), ms: untilEnd(by, facts) / transactions }];
}

function countOf(tag: string | null): number {
  return Number(/^(?:UPDATE|DELETE|MERGE) (\d+)$/.exec(tag ?? '')?.[1] ?? 0);
}

function kind(statement: NonNullable<Facts['statement']>): string {
  return Object.keys(statement.node)[0] ?? '';
}

function longest(facts: readonly Facts[]): Facts | null {
  return [...facts].sort((one, other) => durationOf(other) - durationOf(one))[0] ?? null;
}

function durationOf({ seen }: Facts): number {
  return seen.endMs - seen.beginMs;
}

function untilEnd(by: Facts, facts: readonly Facts[]): number {
  const ends = facts.filter(({ seen }) => seen.transaction === by.seen.transaction).map(({ seen }) => seen.endMs);
  return Math.max(...ends) - by.seen.beginMs;
}

/** The longest time in which it kept others from the relation. */
export function longestHold({ holds }: Measured, oid: number): number {
  return Math.max(0, ...holds.filter(({ relation }) => relation.oid === oid).map(({ ms }) => ms));
}
