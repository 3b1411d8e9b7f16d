import {
  hasMigrationError,
  type MigrationFinding,
  type MigrationSeverity,
  standingFindings,
  type TracedQuery,
} from '../model/migrations.js';
import type { Run } from '../model/run.js';
import { formatMs, plural } from '../model/units.js';

/** What was found about the SQL of one step. */
export type StepSql = Run['migrations'][number];

export type Severity = MigrationSeverity | 'none';

const SEVERITIES: readonly MigrationSeverity[] = ['error', 'warning', 'note'];
/** Findings of one step that a summary names at most. */
const NAMED = 8;

/** `migrate: 2 files for PostgreSQL 15: 1 error, 2 warnings; on a shadow PostgreSQL 18.4: unsafe`. */
export function sqlSummary(found: StepSql): string {
  const { step, check, trace, problem, refused } = found;
  const parts = [
    ...(check === null
      ? []
      : [`${plural(check.files.length, 'file')} for PostgreSQL ${check.postgres}: ${counts(found)}`]),
    ...(trace === null ? [] : [`on a shadow PostgreSQL ${trace.server}: ${trace.verdict}`]),
    ...(problem === null ? [] : [problem]),
    ...(refused ? ['so the run did not begin'] : []),
  ];
  return `${step}: ${parts.join('; ')}`;
}

function counts(found: StepSql): string {
  const all = standingFindings(found);
  const parts = SEVERITIES.flatMap((severity) => {
    const count = all.filter((each) => each.severity === severity).length;
    return count === 0 ? [] : [plural(count, severity)];
  });
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}

export function severityOf(found: StepSql): Severity {
  if (hasMigrationError(found)) return 'error';
  if (found.problem !== null) return 'warning';
  return SEVERITIES.find((severity) => standingFindings(found).some((each) => each.severity === severity)) ?? 'none';
}

/** `db/0002.sql:3:1`. */
export function placeText({ file, line, column }: MigrationFinding): string {
  return `${file}:${line}:${column}`;
}

/** Worst first, and otherwise as they stand in the files. */
export function inOrder(findings: readonly MigrationFinding[]): MigrationFinding[] {
  return SEVERITIES.flatMap((severity) => findings.filter((each) => each.severity === severity));
}

/** What the old release (or the new one, after the way back) can no longer do. */
export function brokenQueries({ trace }: StepSql): { when: string; query: TracedQuery }[] {
  if (trace === null) return [];
  const failing = (when: string, queries: readonly TracedQuery[]) =>
    queries.filter(({ error }) => error !== null).map((query) => ({ when, query }));
  return [
    ...failing('the old release, after the migration', trace.oldQueries),
    ...failing('the new release, after the way back', trace.down?.newQueries ?? []),
    ...failing('the old release, after the way back', trace.down?.oldQueries ?? []),
  ];
}

/** `3.2 s with 50,000 rows in each table, of which locks could keep others waiting for 3.1 s`. */
export function sizeTexts({ trace }: StepSql): string[] {
  return (trace?.sizes ?? []).map(
    ({ rows, durationMs, blockingMs }) =>
      `${formatMs(durationMs)} with ${plural(rows, 'row')} in each table, of which locks could keep others waiting for ${formatMs(blockingMs)}`,
  );
}

/** Why less was looked at than was asked for. */
export function unseenTexts({ check, trace, dropped }: StepSql): string[] {
  return [
    ...(check?.squawk.ran === false ? [`Without squawk's rules: ${check.squawk.why}.`] : []),
    ...(trace?.unseen ?? []),
    ...(dropped > 0 ? [`${plural(dropped, 'further entry', 'further entries')} not listed.`] : []),
  ];
}

/** The SQL of the steps on some lines: each step, and the worst that was found in it. */
export function sqlLines({ migrations }: Run): { text: string; severity: Severity; isStep: boolean }[] {
  return migrations.flatMap((found) => {
    const worst = inOrder(standingFindings(found)).filter(({ severity }) => severity !== 'note');
    return [
      { text: sqlSummary(found), severity: severityOf(found), isStep: true },
      ...worst.slice(0, NAMED).map((each) => {
        return { text: `${placeText(each)}: ${each.message} [${each.rule}]`, severity: each.severity, isStep: false };
      }),
      ...more(worst.length - NAMED),
    ];
  });
}

function more(count: number): { text: string; severity: Severity; isStep: boolean }[] {
  return count > 0 ? [{ text: `and ${count} more in the report`, severity: 'none', isStep: false }] : [];
}

/** As a section of Markdown; empty where no step names its SQL. `inert` makes text of others inert, and cuts it. */
export function sqlMarkdown(run: Run, inert: (text: string, max?: number) => string): string {
  const lines = sqlLines(run).map(({ text, severity, isStep }) => {
    const mark = severity === 'none' ? '' : `**${severity}** `;
    return isStep ? `- ${inert(text, 400)}` : `  - ${mark}${inert(text, 400)}`;
  });
  return lines.length === 0 ? '' : `### Migrations\n\n${lines.join('\n')}`;
}
