import type { MigrationFinding, MigrationSeverity, TracedQuery } from '../../model/migrations.js';
import type { LockMode } from '../check/locks.js';
import { blocks, type Facts, type Hold } from './facts.js';
import { spellMs } from './growth.js';
import type { Relation } from './relations.js';
import { named } from './replay.js';
import { TRACE_RULES, type TraceRuleName } from './rules.js';
import type { Place } from './work.js';

/** Where a statement stands: in the user's file, or by its number in what a command ran. */
export type PlaceOf = (facts: Facts) => Place;
/** Whether a query of the old release locks the relation, so that there is somebody to wait. */
export type IsUsed = (relation: Relation) => boolean;

/** Work on whole tables that somebody waits for: decided by what the server did, not by how long it took. */
export function workFindings(
  facts: readonly Facts[],
  placeOf: PlaceOf,
  { times = '', isUsed = () => true }: { times?: string; isUsed?: IsUsed } = {},
): MigrationFinding[] {
  return facts.flatMap((each) => {
    const waits = (relation: Relation) => blocks(relation, each.holds.get(relation.oid));
    const lock = (relation: Relation) => `${each.holds.get(relation.oid) ?? 'ACCESS EXCLUSIVE'} on ${relation.name}`;
    const who = (relation: Relation) => whoWaits(each.holds.get(relation.oid) ?? 'ACCESS EXCLUSIVE');
    const add = (rule: TraceRuleName, relation: Relation, what: string) =>
      unlessIdle(
        finding(placeOf(each), rule, 'error', `${what} while it holds ${lock(relation)}: ${who(relation)}${times}`),
        isUsed(relation),
      );
    const rewritten = each.rewrote.map((relation) =>
      add('table-rewritten', relation, `it writes ${relation.name} anew`),
    );
    const scanned = each.scanned
      .filter((relation) => waits(relation) && !each.rewrote.includes(relation))
      .map((relation) => add('scan-under-lock', relation, `it reads all of ${relation.name}`));
    const built = each.built
      .filter(({ table }) => waits(table) && !each.rewrote.includes(table))
      .map(({ index, table }) => add('index-built-under-lock', table, `it builds the index ${index} of ${table.name}`));
    return [...rewritten, ...scanned, ...built];
  });
}

/** A time that somebody waits for, at two sizes. */
export interface GrowingHold {
  hold: Hold;
  few: { rows: number; ms: number };
  many: { rows: number; ms: number };
}

export function growthFinding({ hold, few, many }: GrowingHold, placeOf: PlaceOf, isUsed: IsUsed): MigrationFinding {
  const { relation, mode, by } = hold;
  return unlessIdle(
    finding(
      placeOf(by),
      'blocks-while-it-grows',
      'error',
      `${mode} on ${relation.name} is held for ${spellMs(many.ms)} with ${many.rows} rows and for ${spellMs(few.ms)} with ${few.rows}: the wait grows with the table`,
    ),
    isUsed(relation),
  );
}

/** Work that grows, by the rows that the server counted. */
export function slowFinding(hold: Hold, growing: string, placeOf: PlaceOf, isUsed: IsUsed): MigrationFinding {
  const { relation, mode, by, slow } = hold;
  const held = by === slow ? `it takes ${mode}` : `its transaction holds ${mode}`;
  return unlessIdle(
    finding(
      placeOf(slow),
      'slow-under-lock',
      'error',
      `it works through ${growing} while ${held} on ${relation.name}: ${whoWaits(mode)}`,
    ),
    isUsed(relation),
  );
}

export function rowLockFinding(
  facts: Facts,
  rows: number,
  placeOf: PlaceOf,
  growing: string,
  isUsed: IsUsed,
): MigrationFinding {
  const message = `it keeps ${rows} rows locked to the end of its transaction, ${growing}: writes to them wait`;
  // Where the rows were changed inside of a block it is not known which table they are of.
  const used = facts.targets.length === 0 || facts.targets.some(isUsed);
  return unlessIdle(finding(placeOf(facts), 'locks-many-rows', 'error', message), used);
}

/** Nobody waits for a table that no query touches; whether all queries were given is not known. */
function unlessIdle(found: MigrationFinding, isUsed: boolean): MigrationFinding {
  if (isUsed) return found;
  const message = `${found.message} No query of the old release that was given touches it.`;
  return { ...found, severity: 'warning', message };
}

export function failureFinding(place: Place, message: string, severity: MigrationSeverity): MigrationFinding {
  return finding(place, 'statement-fails', severity, message);
}

export function invalidIndexFinding(place: Place, index: string): MigrationFinding {
  return finding(
    place,
    'invalid-index-left',
    'error',
    `the index ${index} is left behind invalid: every write pays for it and no query uses it`,
  );
}

const CACHED_PLAN = /cached plan must not change result type/;

export function queryFinding(
  place: Place,
  query: TracedQuery,
  { rule, when }: { rule: TraceRuleName; when: string },
): MigrationFinding {
  const isPlan = CACHED_PLAN.test(query.error ?? '');
  const name = isPlan && rule === 'old-query-fails' ? 'prepared-query-fails' : rule;
  const found = finding(place, name, 'error', `${named(query)} fails ${when}: ${query.error}`);
  return isPlan ? { ...found, remedy: TRACE_RULES['prepared-query-fails'].remedy } : found;
}

export function finding(
  { file, line, column, endLine, endColumn }: Place,
  rule: TraceRuleName,
  severity: MigrationSeverity,
  message: string,
): MigrationFinding {
  const { remedy } = TRACE_RULES[rule];
  return { file, line, column, endLine, endColumn, rule, severity, message: sentence(message), remedy };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

function whoWaits(mode: LockMode): string {
  return mode === 'ACCESS EXCLUSIVE' ? 'reads and writes wait' : 'writes wait';
}
