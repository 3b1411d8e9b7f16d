import type { MigrationCheck, MigrationFinding, MigrationsEvent, MigrationTrace } from '../model/migrations.js';

/** Entries of one list that are recorded, and characters of one text: the first ones. */
const KEPT = 500;
const TEXT_CHARS = 2000;

/** What is recorded of a check and a trace. However much there is of it, the journal stays readable. */
export function bounded(
  check: MigrationCheck | null,
  trace: MigrationTrace | null,
): Pick<MigrationsEvent, 'check' | 'trace' | 'dropped'> {
  let dropped = 0;
  const first = <T>(list: readonly T[], short: (item: T) => T): T[] => {
    dropped += Math.max(0, list.length - KEPT);
    return list.slice(0, KEPT).map(short);
  };
  // Errors first: what is left out must not be what matters.
  const findings = <T extends MigrationFinding>(list: readonly T[]): T[] =>
    list.length <= KEPT ? first(list, shortFinding) : first([...list].sort(bySeverity), shortFinding);
  const queries = (list: MigrationTrace['oldQueries']) => first(list, (each) => ({ ...each, sql: short(each.sql) }));
  const statements = (list: MigrationTrace['statements']) => first(list, (each) => ({ ...each, sql: short(each.sql) }));
  const down = (way: NonNullable<MigrationTrace['down']>): NonNullable<MigrationTrace['down']> => ({
    ...way,
    statements: statements(way.statements),
    newQueries: queries(way.newQueries),
    oldQueries: queries(way.oldQueries),
  });
  return {
    check: check && {
      ...check,
      files: first(check.files, short),
      findings: findings(check.findings),
      suppressed: findings(check.suppressed),
    },
    trace: trace && {
      ...trace,
      statements: statements(trace.statements),
      invalidIndexes: first(trace.invalidIndexes, short),
      oldQueries: queries(trace.oldQueries),
      down: trace.down && down(trace.down),
      findings: findings(trace.findings),
      unseen: first(trace.unseen, short),
    },
    dropped,
  };
}

const SEVERITIES = ['error', 'warning', 'note'];

function bySeverity(one: MigrationFinding, other: MigrationFinding): number {
  return SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity);
}

function shortFinding<T extends MigrationFinding>(finding: T): T {
  return { ...finding, message: short(finding.message), remedy: short(finding.remedy) };
}

function short(text: string): string {
  return text.length <= TEXT_CHARS ? text : `${text.slice(0, TEXT_CHARS)}...`;
}
