import type { MigrationCheck, MigrationFinding, SuppressedFinding } from '../../model/migrations.js';
import { loadParser } from './parser.js';
import { readingRemarks } from './reading.js';
import { Source, type SqlSource } from './source.js';
import { squawkRemarks } from './squawk.js';
import { suppress } from './suppressions.js';
import type { TransactionMode } from './transactions.js';
import { type Remark, readSource, walk } from './walk.js';

export type { SqlSource } from './source.js';
export type { TransactionMode } from './transactions.js';

export interface CheckOptions {
  /** Major version of the server. */
  postgres: number;
  /** How files run that hold no BEGIN; each statement by itself without it. */
  transaction?: TransactionMode | undefined;
  /** What is there already: not judged, but it says which columns, constraints and indexes exist. */
  schema?: readonly SqlSource[] | undefined;
  /** False: squawk is left out on purpose. */
  squawk?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * What can be said of migrations from their SQL alone: by PostgreSQL's own grammar, by rules that follow the schema
 * through the files in their order, and by squawk for what those rules do not cover.
 */
export async function checkMigrations(
  sources: readonly SqlSource[],
  { postgres, transaction = 'per-statement', schema = [], squawk = true, signal }: CheckOptions,
): Promise<MigrationCheck> {
  await loadParser();
  const files = sources.map((source) => readSource(new Source(source)));
  const before = schema.map((source) => readSource(new Source(source)));
  const own = [...files.flatMap(readingRemarks), ...walk(files, { postgres, transaction, before })];
  const foreign = squawk
    ? await squawkRemarks(files, { postgres, transaction, signal })
    : { ran: { ran: false as const, why: 'it was left out by request' }, remarks: [] };
  const findings: MigrationFinding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const file of files) {
    const remarks = [...own, ...foreign.remarks].filter(({ source }) => source === file.source);
    const sorted = suppress(file, remarks);
    findings.push(...sorted.standing.map(findingOf).sort(byPlace));
    suppressed.push(...sorted.suppressed.map(({ remark, reason }) => ({ ...findingOf(remark), reason })).sort(byPlace));
  }
  return { files: files.map(({ source }) => source.file), postgres, findings, suppressed, squawk: foreign.ran };
}

function findingOf({ source, span, rule, severity, message, remedy }: Remark): MigrationFinding {
  const start = source.position(span.start);
  const end = source.position(span.end);
  return {
    file: source.file,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    rule,
    severity,
    message,
    remedy,
  };
}

function byPlace(one: MigrationFinding, other: MigrationFinding): number {
  return one.line - other.line || one.column - other.column || (one.rule < other.rule ? -1 : 1);
}
