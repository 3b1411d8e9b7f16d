import type { MigrationFinding } from '../../model/migrations.js';
import type { Hold } from './facts.js';
import { growthFinding, type IsUsed, type PlaceOf, rowLockFinding, slowFinding, workFindings } from './findings.js';
import { forecast, grows, type Point, scales, spellMs } from './growth.js';
import { longestHold, type Measured, sizeOf } from './measure.js';
import { placesIn } from './places.js';
import type { Traced } from './traced.js';

/** Rows that are changed in one transaction are many from here on. */
const MANY_ROWS = 1000;

/** What others wait for, for a time that grows with the rows. */
export function waits({ runs, repeats, back, options, touched }: Traced): MigrationFinding[] {
  const few = runs[0] as Measured;
  const many = runs.at(-1) as Measured;
  const placeOf = placesIn(few);
  const isUsed = usedBy(few, touched);
  const byWork = workFindings(few.facts, placeOf, { times: timesOf(few, many, options.productionRows), isUsed });
  const slow = worksLong(few, many, placeOf, isUsed);
  const guilty = new Set([...workedOn(few), ...slow.map(({ oid }) => oid)]);
  const byTime = growing(few, many, repeats)
    .filter(({ hold }) => !guilty.has(hold.relation.oid))
    .map((each) => growthFinding(each, () => placeOf(each.own), isUsed));
  const backwards = back === null ? [] : workFindings(back.run.facts, placesIn(back.run));
  return [
    ...byWork,
    ...slow.filter(({ oid }) => !workedOn(few).has(oid)).map(({ found }) => found),
    ...byTime,
    ...rowLocks(few, many, placeOf, isUsed),
    ...backwards.map(
      (each): MigrationFinding => ({ ...each, severity: 'warning', message: `On the way back: ${each.message}` }),
    ),
  ];
}

/** Whether anybody is there to wait: with any partition of a table its whole is used. */
function usedBy({ run }: Measured, touched: ReadonlySet<number> | null): IsUsed {
  if (touched === null) return () => true;
  const roots = new Set([...touched].map((oid) => run.relations.get(oid)?.root ?? oid));
  return ({ root }) => roots.has(root);
}

/** What is read and written while a lock is held, counted by the server: no clock is needed to see that it grows. */
function worksLong(
  few: Measured,
  many: Measured,
  placeOf: PlaceOf,
  isUsed: IsUsed,
): { oid: number; found: MigrationFinding }[] {
  return most(many.holds).flatMap((hold) => {
    const { oid } = hold.relation;
    const own = most(few.holds).find(({ relation }) => relation.oid === oid);
    if (own === undefined || hold.rowsWorked - (few === many ? 0 : own.rowsWorked) < MANY_ROWS) return [];
    if (few !== many && !scales({ ...few, worked: own.rowsWorked }, { ...many, worked: hold.rowsWorked })) return [];
    const compared = few === many ? '' : ` with ${many.rows} in each table, and ${own.rowsWorked} with ${few.rows},`;
    return { oid, found: slowFinding(own, `${hold.rowsWorked} rows${compared}`, placeOf, isUsed) };
  });
}

/** For each relation the hold with most work. */
function most(holds: readonly Hold[]): Hold[] {
  const best = new Map<number, Hold>();
  for (const hold of holds) {
    const { oid } = hold.relation;
    if (hold.rowsWorked >= (best.get(oid)?.rowsWorked ?? 0)) best.set(oid, hold);
  }
  return [...best.values()];
}

function timesOf(few: Measured, many: Measured, productionRows: number | null): string {
  if (few === many) return '';
  const points: [Point, Point] = [pointOf(few), pointOf(many)];
  const expected = productionRows === null ? null : forecast(...points, productionRows);
  const told = `; blocked for ${spellMs(points[0].ms)} with ${few.rows} rows, ${spellMs(points[1].ms)} with ${many.rows}`;
  if (expected === null) return told;
  return `${told}, by a straight line on logarithmic scales about ${spellMs(expected)} with ${productionRows}`;
}

function pointOf(measured: Measured): Point {
  return { rows: measured.rows, ms: sizeOf(measured).blockingMs };
}

/** Relations whose rows were all read or written: that they are locked for longer with more rows is no surprise. */
function workedOn({ facts }: Measured): Set<number> {
  const relations = facts.flatMap(({ rewrote, scanned, built }) => [
    ...rewrote,
    ...scanned,
    ...built.map(({ table }) => table),
  ]);
  return new Set(relations.map(({ oid }) => oid));
}

/** Whether a lock was held for longer with more rows, and nothing but the time tells so. */
export function growsUnexplained(few: Measured, many: Measured): boolean {
  if (!touchesMore(few, many)) return false;
  const explained = new Set([
    ...workedOn(few),
    ...worksLong(few, many, placesIn(few), () => true).map(({ oid }) => oid),
  ]);
  return many.holds.some(
    ({ relation: { oid }, ms }) =>
      !explained.has(oid) && grows({ rows: few.rows, ms: longestHold(few, oid) }, { rows: many.rows, ms }),
  );
}

function growing(few: Measured, many: Measured, repeats: readonly Measured[]) {
  if (few === many || many.run.fault !== null || !touchesMore(few, many)) return [];
  const shortest = (size: Measured, oid: number) =>
    Math.min(...[size, ...repeats.filter(({ rows }) => rows === size.rows)].map((each) => longestHold(each, oid)));
  const seen = new Set<number>();
  return many.holds.flatMap((hold: Hold) => {
    const { oid } = hold.relation;
    if (seen.has(oid)) return [];
    seen.add(oid);
    const points = {
      few: { rows: few.rows, ms: shortest(few, oid) },
      many: { rows: many.rows, ms: shortest(many, oid) },
    };
    const own = few.holds.find(({ relation }) => relation.oid === oid)?.by;
    return own !== undefined && grows(points.few, points.many) ? [{ hold, own, ...points }] : [];
  });
}

/** Reads that neither a query's plan nor the server's own words account for grow with the rows. */
export function readsUntold(few: Measured, many: Measured): boolean {
  const untold = ({ run, facts, rows }: Measured) => {
    const passes = facts.flatMap(({ rewrote, scanned, built }) => [...rewrote, ...scanned, ...built]).length * 2;
    const worked = facts.reduce((sum, { seen }) => sum + seen.rowsWorked, 0);
    return (run.rowsTouched ?? 0) - worked - passes * rows;
  };
  return untold(many) - Math.max(0, untold(few)) >= MANY_ROWS;
}

/** Where no more rows were read or changed, a longer time is the machine's. */
function touchesMore(few: Measured, many: Measured): boolean {
  const before = few.run.rowsTouched;
  const after = many.run.rowsTouched;
  return before === null || after === null || (after - before >= MANY_ROWS && after >= before * 3);
}

function rowLocks(few: Measured, many: Measured, placeOf: PlaceOf, isUsed: IsUsed): MigrationFinding[] {
  const locks = many.rowLocks;
  if (locks === null || locks.rows < MANY_ROWS) return [];
  const own = few.rowLocks?.by ?? few.facts[many.facts.indexOf(locks.by)];
  if (own === undefined) return [];
  if (few === many) {
    const most = Math.max(...[...many.run.relations.values()].map(({ rows }) => rows));
    return locks.rows < most / 2
      ? []
      : [rowLockFinding(own, locks.rows, placeOf, `of a table with ${Math.round(most)}`, isUsed)];
  }
  const before = few.rowLocks?.rows ?? 0;
  if (!scales({ ...few, worked: before }, { ...many, worked: locks.rows })) return [];
  const growing = `with ${many.rows} rows in each table, and ${before} with ${few.rows}`;
  return [rowLockFinding(own, locks.rows, placeOf, growing, isUsed)];
}
