import type {
  MigrationFinding,
  MigrationTrace,
  TracedQuery,
  TracedSize,
  TracedStatement,
} from '../model/migrations.js';
import { findingLines } from './migrations-check-text.js';
import type { Style } from './terminal/style.js';
import { clip, displayWidth, plainText } from './terminal/text.js';

interface TextOptions {
  style: Style;
  width: number;
}

/** A trace as a person reads it: what was done, then what is wrong with it. */
export function traceLines(
  trace: MigrationTrace,
  sources: readonly { file: string; text: string }[],
  options: TextOptions,
): string[] {
  const { style } = options;
  const { verdict, server, findings } = trace;
  const captured = trace.statements.map(({ sql }, index) => ({ file: `statement ${index + 1}`, text: sql }));
  const check = {
    files: [],
    postgres: 0,
    findings: once(findings),
    suppressed: [],
    squawk: { ran: false as const, why: '' },
  };
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const why = errors === 0 ? '' : `: ${errors} ${errors === 1 ? 'error' : 'errors'}`;
  return [
    ...section('Statements', statementLines(trace.statements, options), style),
    ...section('Back', trace.down === null ? [] : statementLines(trace.down.statements, options), style),
    ...section('Sizes', sizeLines(trace.sizes), style),
    ...section('Queries of the old release after it', queryLines(trace.oldQueries, options), style),
    ...section(
      'Queries of the new release after the way back',
      trace.down === null ? [] : queryLines(trace.down.newQueries, options),
      style,
    ),
    ...section(
      'Queries of the old release after the way back',
      trace.down === null ? [] : queryLines(trace.down.oldQueries, options),
      style,
    ),
    ...findingLines(check, [...sources, ...captured], options),
    ...section(
      'Not seen',
      trace.unseen.map((each) => plainText(each)),
      style,
    ),
    `${(verdict === 'safe' ? style.green : style.red)(verdict)}${why} (PostgreSQL ${plainText(server)})`,
  ];
}

/** Queries that fail by the same statement stand above, one by one. */
function once(findings: readonly MigrationFinding[]): MigrationFinding[] {
  const place = ({ file, line, column, rule }: MigrationFinding) => `${file}:${line}:${column} ${rule}`;
  return findings.flatMap((each, index) => {
    if (!/query-fails$/.test(each.rule)) return each;
    if (findings.findIndex((other) => place(other) === place(each)) !== index) return [];
    const more = findings.filter((other) => place(other) === place(each)).length - 1;
    return more === 0 ? each : { ...each, message: `${each.message} (and ${more} more, see above)` };
  });
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  return lines.length === 0 ? [] : [style.bold(title), ...lines.map((line) => `  ${line}`), ''];
}

/** Commands ask the server many things that change nothing: those are counted, not shown. */
function statementLines(statements: readonly TracedStatement[], { style, width }: TextOptions): string[] {
  const shown = statements.map((each, index) => ({ each, index })).filter(({ each }) => isTold(each));
  const rows = shown.map(({ each, index }) => [
    `${index + 1}`,
    spell(each.durationMs),
    plainText(each.locks.map(({ relation, mode }) => `${mode} ${relation}`).join(', ')) || '-',
    plainText(workOf(each)) || '-',
    clip(plainText(each.sql), Math.max(40, Math.floor(width / 2))),
  ]);
  const table = tableOf(['', 'time', 'locks', 'work', 'statement'], rows);
  const told = shown.map(({ each }, index) => {
    const line = table[index + 1] as string;
    return each.error === null ? line : `${line}\n    ${style.red(plainText(each.error))}`;
  });
  const rest = statements.length - shown.length;
  const more = rest === 0 ? [] : [style.dim(`and ${rest} that locked nothing of others`)];
  return shown.length === 0 ? more : [style.dim(table[0] as string), ...told, ...more];
}

function isTold({ locks, rewrote, scanned, built, error }: TracedStatement): boolean {
  const strong = locks.some(({ mode }) => mode !== 'ACCESS SHARE');
  return strong || error !== null || rewrote.length + scanned.length + built.length > 0;
}

function workOf({ rewrote, scanned, built }: TracedStatement): string {
  return [
    ...rewrote.map((each) => `writes ${each} anew`),
    ...scanned.map((each) => `reads all of ${each}`),
    ...built.map((each) => `builds ${each}`),
  ].join(', ');
}

function sizeLines(sizes: readonly TracedSize[]): string[] {
  const rows = sizes.map(({ rows: count, durationMs, blockingMs }) => [
    `${count}`,
    spell(durationMs),
    spell(blockingMs),
  ]);
  return tableOf(['rows', 'whole migration', 'longest wait of others'], rows);
}

function queryLines(queries: readonly TracedQuery[], { style, width }: TextOptions): string[] {
  return queries.map(({ id, sql, error }) => {
    const name = clip(plainText(id === null ? sql : `${id}: ${sql}`), Math.max(40, width - 12));
    return error === null
      ? `${style.green('works')}  ${name}`
      : `${style.red('fails')}  ${name}\n    ${plainText(error)}`;
  });
}

function tableOf(head: readonly string[], rows: readonly string[][]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => displayWidth(row[column] as string))));
  return all.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] as number) - displayWidth(cell)))
      .join('  ')
      .trimEnd(),
  );
}

function spell(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}
