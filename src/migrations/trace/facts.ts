import { as } from '../check/ast.js';
import { blockingLocks, blocksWrites, LOCK_MODES, type LockMode } from '../check/locks.js';
import { Schema } from '../check/schema.js';
import { Source } from '../check/source.js';
import { type Statement, statementsOf } from '../check/statements.js';
import { toldByTriggers } from './event-triggers.js';
import { isBookkeeping } from './frameworks.js';
import type { Relation, Relations } from './relations.js';
import { lockedRows, relationOf } from './row-locks.js';
import type { Run } from './run.js';
import type { SeenStatement } from './session.js';

/** What one statement did to what was there before the migration. */
export interface Facts {
  seen: SeenStatement;
  /** The statement alone, where it came in a string with others. */
  sql: string;
  /** What the parser makes of it; null where it does not know it. */
  statement: Statement | null;
  /** What it took, or took more strongly than its transaction had it already. */
  took: Held[];
  /** What its transaction holds after it. */
  holds: ReadonlyMap<number, LockMode>;
  rewrote: Relation[];
  scanned: Relation[];
  built: { index: string; table: Relation }[];
  /** Rows of older tables that it keeps locked to the end of its transaction. */
  rows: number;
  /** The tables of those rows. */
  targets: Relation[];
}

export interface Held {
  relation: Relation;
  mode: LockMode;
}

const REWRITING = /^rewriting table "(.*)"$/;
const VERIFYING = /^verifying table "(.*)"$/;
const VALIDATING = /^validating foreign key constraint "(.*)"$/;
const BUILDING = /^building index "(.*)" on table "(.*)" /;

/** Tells of each statement of a run what it did, in the order they began in. */
export function factsOf(run: Run, major: number): Facts[] {
  const transactions = new Map<number, Map<number, LockMode>>();
  const claimed = new Map<number, Set<number>>();
  const parse = parserOf();
  const facts: Facts[] = [];
  for (const seen of [...run.statements].sort((one, other) => one.beginMs - other.beginMs)) {
    const before = transactions.get(seen.transaction) ?? new Map<number, LockMode>();
    const { sql, statement } = parse(seen);
    const told = toldByTriggers(seen);
    const now = new Map(before);
    for (const { oid, mode } of [...told.locks, ...seen.locks]) now.set(oid, stronger(now.get(oid), mode));
    // A sample may have come before the strongest lock.
    if (told.locks.length === 0 && seen.error === null) addByKind(now, statement, run.relations, major);
    transactions.set(seen.transaction, now);
    const took = [...now].flatMap(([oid, mode]): Held[] => {
      const relation = known(run.relations, oid);
      return relation === null || before.get(oid) === mode ? [] : [{ relation, mode }];
    });
    const work = workOf(seen, statement, run.relations, [...now.keys()], took);
    const rewrote = new Set([...told.rewrote, ...work.rewrote, ...movedBy(seen, run, now, claimed)]);
    facts.push({
      seen,
      sql,
      statement,
      took,
      holds: now,
      rewrote: [...rewrote].flatMap((oid) => known(run.relations, oid) ?? []),
      scanned: work.scanned,
      // Indexes of a table that was emptied are begun anew, with nothing in them.
      built: work.built.filter(({ table }) => run.emptied.get(seen.transaction)?.has(table.oid) !== true),
      ...lockedRows(seen, statement, run.relations),
    });
  }
  return facts;
}

/** A relation that was there before, and is not the framework's own. */
function known(relations: Relations, oid: number): Relation | null {
  const relation = relations.get(oid);
  return relation === undefined || isBookkeeping(relation.bare) || !/[rpmvf]/.test(relation.kind) ? null : relation;
}

function stronger(one: LockMode | undefined, other: LockMode): LockMode {
  return one !== undefined && LOCK_MODES.indexOf(one) > LOCK_MODES.indexOf(other) ? one : other;
}

/** What the server did not tell is known by the kind of the statement. */
function addByKind(
  held: Map<number, LockMode>,
  statement: Statement | null,
  relations: Relations,
  major: number,
): void {
  if (statement === null) return;
  for (const { table, mode } of blockingLocks(statement, major, new Schema())) {
    const relation = [...relations.values()].find(({ name, bare }) => name === table || bare === table);
    if (relation !== undefined) held.set(relation.oid, stronger(held.get(relation.oid), mode));
  }
}

/** What the server said that it did while the statement ran. */
function workOf(
  { notices }: SeenStatement,
  statement: Statement | null,
  relations: Relations,
  held: readonly number[],
  took: readonly Held[],
) {
  const named = (name: string): Relation[] => {
    const same = [...relations.values()].filter(({ bare, oid }) => bare === name && known(relations, oid) !== null);
    const locked = same.filter(({ oid }) => held.includes(oid));
    // The server leaves out the schema: of two tables of one name the one that is locked is meant.
    return locked.length > 0 ? locked : same;
  };
  const messages = notices.map(({ message }) => message);
  const scanned = messages.flatMap((message) => {
    if (VALIDATING.test(message)) return [...took.map(({ relation }) => relation), ...alteredBy(statement, relations)];
    return named(VERIFYING.exec(message)?.[1] ?? '');
  });
  // A domain's constraint is checked in every table that uses it; only then are they locked.
  if (statement !== null && 'AlterDomainStmt' in statement.node) scanned.push(...took.map(({ relation }) => relation));
  scanned.push(...defaultPartitions(statement, took, messages));
  return {
    rewrote: messages.flatMap((message) => named(REWRITING.exec(message)?.[1] ?? '').map(({ oid }) => oid)),
    scanned: [...new Set(scanned)],
    built: messages.flatMap((message) => {
      const [, index = '', table = ''] = BUILDING.exec(message) ?? [];
      return named(table).map((relation) => ({ index, table: relation }));
    }),
  };
}

/** A new partition takes rows over: the server looks for them in the default one, unless a constraint tells it. */
function defaultPartitions(
  statement: Statement | null,
  took: readonly Held[],
  messages: readonly string[],
): Relation[] {
  if (statement === null) return [];
  const attaches = (as(statement.node, 'AlterTableStmt')?.cmds ?? []).some(
    (each) => as(each, 'AlterTableCmd')?.subtype === 'AT_AttachPartition',
  );
  if (!attaches && as(statement.node, 'CreateStmt')?.partbound === undefined) return [];
  return took.flatMap(({ relation, mode }) => {
    const isImplied = messages.some((message) =>
      message.includes(`"${relation.bare}" is implied by existing constraints`),
    );
    return relation.isDefault && mode === 'ACCESS EXCLUSIVE' && !isImplied ? relation : [];
  });
}

/** A constraint that is validated where the lock is held already takes none. */
function alteredBy(statement: Statement | null, relations: Relations): Relation[] {
  const altered = statement === null ? undefined : as(statement.node, 'AlterTableStmt')?.relation;
  const relation = altered === undefined ? null : relationOf(altered, relations);
  return relation === null ? [] : [relation];
}

/** Rows are elsewhere after VACUUM FULL, CLUSTER and REFRESH, which say nothing. */
function movedBy(
  seen: SeenStatement,
  run: Run,
  held: ReadonlyMap<number, LockMode>,
  claimed: Map<number, Set<number>>,
): number[] {
  const taken = claimed.get(seen.transaction) ?? new Set<number>();
  claimed.set(seen.transaction, taken);
  const found = [...(run.moved.get(seen.transaction) ?? [])].filter((oid) => {
    const relation = run.relations.get(oid);
    return relation !== undefined && /[rm]/.test(relation.kind) && held.get(oid) === 'ACCESS EXCLUSIVE';
  });
  const own = found.filter((oid) => !taken.has(oid));
  for (const oid of own) taken.add(oid);
  return own;
}

/** Parses each string once. */
function parserOf(): (seen: SeenStatement) => { sql: string; statement: Statement | null } {
  const parsed = new Map<string, Statement[]>();
  return ({ sql, part }) => {
    const statements = parsed.get(sql) ?? statementsOf(new Source({ file: '', text: sql })).statements;
    parsed.set(sql, statements);
    const statement = statements[part ?? 0] ?? null;
    if (statement === null || statements.length === 1) return { sql: sql.trim(), statement };
    return { sql: statement.source.text.slice(statement.span.start, statement.span.end), statement };
  };
}

/** How long something that keeps others waiting was held, ms: from the statement that took it to the end of its transaction. */
export interface Hold {
  relation: Relation;
  mode: LockMode;
  by: Facts;
  ms: number;
  /** Rows that its transaction read and wrote meanwhile. */
  rowsWorked: number;
  /** The statement that most of them are due to. */
  slow: Facts;
}

export function holdsOf(facts: readonly Facts[]): Hold[] {
  const ends = new Map<number, number>();
  for (const { seen } of facts) {
    ends.set(seen.transaction, Math.max(ends.get(seen.transaction) ?? 0, seen.endMs));
  }
  const holds = new Map<string, Hold>();
  for (const by of facts) {
    for (const { relation, mode } of by.took) {
      if (!blocks(relation, mode)) continue;
      const key = `${by.seen.transaction} ${relation.oid}`;
      if (holds.has(key)) continue;
      const since = facts.filter(
        ({ seen }) => seen.transaction === by.seen.transaction && seen.beginMs >= by.seen.beginMs,
      );
      holds.set(key, {
        relation,
        mode,
        by,
        ms: (ends.get(by.seen.transaction) as number) - by.seen.beginMs,
        rowsWorked: since.reduce((sum, each) => sum + workIn(each), 0),
        slow: since.reduce((one, other) => (workIn(other) > workIn(one) ? other : one), by),
      });
    }
  }
  return [...holds.values()];
}

/** Rows that a statement works through: those of its plans, and those of tables that it reads or writes as a whole. */
function workIn({ seen, rewrote, scanned, built }: Facts): number {
  const whole = new Set([...rewrote, ...scanned, ...built.map(({ table }) => table)]);
  return [...whole].reduce((sum, { rows }) => sum + rows, seen.rowsWorked);
}

/** Nobody but REFRESH writes to a materialized view. */
export function blocks({ kind }: Relation, mode: LockMode | undefined): boolean {
  return mode !== undefined && (kind === 'm' ? mode === 'ACCESS EXCLUSIVE' : blocksWrites(mode));
}
