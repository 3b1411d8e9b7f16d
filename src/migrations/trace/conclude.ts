import type { MigrationFinding, MigrationTrace, TracedStatement } from '../../model/migrations.js';
import { brokenQueries } from './broken-queries.js';
import type { Facts } from './facts.js';
import { failures } from './failures.js';
import { type Measured, rounded, sizeOf } from './measure.js';
import { placesIn } from './places.js';
import { settle, staticFindings } from './static.js';
import type { Traced } from './traced.js';
import { readsUntold, waits } from './waits.js';

/** What follows from a trace: the verdict and why. */
export async function conclude(traced: Traced): Promise<MigrationTrace> {
  const { options, runs, back } = traced;
  const first = runs[0] as Measured;
  const placeOf = placesIn(first);
  const own = [...failures(traced), ...waits(traced), ...brokenQueries(traced)];
  const statically = await staticFindings({
    work: options.migration,
    schema: options.schema,
    facts: first.facts,
    placeOf,
    major: traced.place.major,
    transaction: options.transaction,
    signal: options.signal,
  });
  const findings = [...own, ...settle(statically, shownBy(traced, own), { facts: first.facts, placeOf })];
  return {
    verdict: findings.some(({ severity }) => severity === 'error') ? 'unsafe' : 'safe',
    server: traced.place.version,
    statements: first.facts.map(tracedStatement),
    invalidIndexes: first.run.invalidIndexes,
    oldQueries: traced.old?.queries ?? [],
    down:
      back === null
        ? null
        : {
            statements: back.run.facts.map(tracedStatement),
            newQueries: back.new.queries,
            oldQueries: back.old.queries,
          },
    sizes: runs.map(sizeOf),
    findings,
    unseen: unseen(traced),
  };
}

function tracedStatement({ seen, sql, took, rewrote, scanned, built }: Facts): TracedStatement {
  return {
    sql,
    durationMs: rounded(seen.endMs - seen.beginMs),
    locks: took.map(({ relation, mode }) => ({ relation: relation.name, mode })),
    rewrote: rewrote.map(({ name }) => name),
    scanned: scanned.map(({ name }) => name),
    built: built.map(({ index }) => index),
    error: seen.error === null ? null : `${seen.error.code}: ${seen.error.message}`,
  };
}

/** What the trace can hold against suspicions of the static check. */
function shownBy({ runs, old, unfilled, failedByRows, place }: Traced, own: readonly MigrationFinding[]) {
  const worked = runs.every(({ run }) => run.fault === null);
  const tried = old?.queries ?? [];
  const oldQueries = worked && tried.every(({ error }) => error === null) ? tried.length : 0;
  const byWork = own.some(({ rule, severity }) => severity === 'error' && WORK_RULES.has(rule));
  const work =
    worked &&
    !byWork &&
    unfilled.length === 0 &&
    failedByRows === null &&
    (runs.length > 1 || place.staging !== null) &&
    !readsUntold(runs[0] as Measured, runs.at(-1) as Measured);
  const idle = own.some(({ rule, severity }) => severity === 'warning' && WORK_RULES.has(rule));
  return { oldQueries, work, idle };
}

const WORK_RULES = new Set([
  'table-rewritten',
  'scan-under-lock',
  'index-built-under-lock',
  'slow-under-lock',
  'blocks-while-it-grows',
  'locks-many-rows',
]);

function unseen({ options, unseen: noted, unfilled, runs, place }: Traced): string[] {
  const lines = [...noted];
  if (options.oldQueries.length === 0) {
    lines.push('whether queries of the old release still work: none were given (--old-queries)');
  }
  for (const each of unfilled) lines.push(`the table ${each} was not filled: what takes long with many rows in it`);
  if (runs[0]?.run.relations.size === 0) {
    lines.push(
      'what others would wait for: the migration made everything itself (--schema makes what is there before it)',
    );
  } else if (runs.length === 1 && place.staging === null)
    lines.push('whether times grow with the rows: it was run at one size');
  return [...new Set(lines)];
}
