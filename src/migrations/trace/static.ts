import type { MigrationFinding } from '../../model/migrations.js';
import { checkMigrations, type TransactionMode } from '../check/check.js';
import type { Settled } from '../check/rule.js';
import { RULES } from '../check/rules/registry.js';
import { SQUAWK_RULES } from '../check/squawk-rules.js';
import type { Facts } from './facts.js';
import type { PlaceOf } from './findings.js';
import { isBookkeeping } from './frameworks.js';
import type { TraceSql, TraceWork } from './options.js';

interface StaticOptions {
  work: TraceWork;
  schema: readonly TraceWork[];
  facts: readonly Facts[];
  placeOf: PlaceOf;
  major: number;
  transaction: TransactionMode | undefined;
  signal: AbortSignal;
}

/** What the trace has shown of the suspicions that the SQL alone raises. */
export interface Shown {
  /** Queries of the old release that worked afterwards; 0 where none was tried, or where one failed. */
  oldQueries: number;
  /** The migration came to its end, with rows in the tables. */
  work: boolean;
  /** There was work under a lock, on tables that no query of the old release touches. */
  idle: boolean;
}

/** The static check of what was run; for a command, of the statements that were seen. */
export async function staticFindings(options: StaticOptions): Promise<MigrationFinding[]> {
  const { work, major, transaction, signal } = options;
  const schema = options.schema.flatMap((each) => ('sql' in each ? each.sql : []));
  if ('sql' in work)
    return (await checkMigrations(work.sql, { postgres: major, schema, transaction, signal })).findings;
  const { source, places } = captured(options);
  const { findings } = await checkMigrations([source], { postgres: major, schema, signal });
  return findings.flatMap((each) => {
    const place = places.findLast(({ line }) => line <= each.line)?.place;
    return place === undefined ? [] : { ...each, ...place };
  });
}

/** One text of everything that a command ran, without what it ran for its own bookkeeping. */
function captured({ facts, placeOf }: StaticOptions): {
  source: TraceSql;
  places: { line: number; place: ReturnType<PlaceOf> }[];
} {
  const places: { line: number; place: ReturnType<PlaceOf> }[] = [];
  let text = '';
  let line = 1;
  for (const each of facts) {
    if (each.statement === null || isOwnBusiness(each)) continue;
    const piece = `${each.sql.replace(/;\s*$/, '')};\n`;
    places.push({ line, place: placeOf(each) });
    text += piece;
    line += piece.split('\n').length - 1;
  }
  return { source: { file: 'what the command ran', text }, places };
}

/** Statements on the tables in which the framework keeps its books, and the questions it asks of the server. */
function isOwnBusiness({ sql }: Facts): boolean {
  const words = sql.match(/\w+/g) ?? [];
  return (
    words.some((word) => word.toLowerCase() !== 'migrations' && isBookkeeping(word)) ||
    /^\s*(?:select|show)\b/i.test(sql)
  );
}

/** A suspicion that the trace has disproved is worth knowing and no more. */
export function settle(
  findings: readonly MigrationFinding[],
  shown: Shown,
  { facts, placeOf }: Pick<StaticOptions, 'facts' | 'placeOf'>,
): MigrationFinding[] {
  return findings.map((each) => {
    if (each.severity === 'note') return each;
    const by = settledBy(each.rule);
    if (by === 'old-queries' && shown.oldQueries > 0) {
      const why = `The trace ran ${shown.oldQueries} queries of the old release after it, and none failed.`;
      return { ...each, severity: 'note', message: `${each.message} (${why})` };
    }
    if (by === 'work' && shown.work && each.severity === 'error' && !changesNothing(each, facts, placeOf)) {
      const why = shown.idle
        ? 'Of what the trace saw, nothing keeps a query of the old release waiting that was given.'
        : 'In the trace nothing was written anew, read through or locked for longer with more rows.';
      return { ...each, severity: 'note', message: `${each.message} (${why})` };
    }
    return each;
  });
}

/** A condition that no row meets that was made up shows nothing of production's rows. */
function changesNothing({ file, line, column }: MigrationFinding, facts: readonly Facts[], placeOf: PlaceOf): boolean {
  const by = facts.findLast((each) => {
    const place = placeOf(each);
    return place.file === file && (place.line < line || (place.line === line && place.column <= column));
  });
  return by !== undefined && /^(?:UPDATE|DELETE|MERGE) 0$/.test(by.seen.tag ?? '');
}

function settledBy(rule: string): Settled {
  const own = RULES.find(({ name }) => name === rule);
  if (own !== undefined) return own.settledBy;
  const foreign = SQUAWK_RULES[rule];
  const names = foreign !== undefined && 'by' in foreign ? (foreign.by ?? []) : [];
  const kinds = new Set(names.map((name) => RULES.find((each) => each.name === name)?.settledBy ?? 'no'));
  return kinds.size === 1 ? ([...kinds][0] as Settled) : 'no';
}
