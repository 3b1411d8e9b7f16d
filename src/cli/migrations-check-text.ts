import type { SqlSource } from '../migrations/check/check.js';
import type { MigrationCheck, MigrationFinding, MigrationSeverity } from '../model/migrations.js';
import type { Style } from './terminal/style.js';
import { clip, displayWidth, plainText } from './terminal/text.js';

interface TextOptions {
  style: Style;
  width: number;
}

/** Every finding with the line it is about; what one rule says again in the same file comes as places only. */
export function findingLines(check: MigrationCheck, sources: readonly SqlSource[], options: TextOptions): string[] {
  const texts = new Map(sources.map(({ file, text }) => [file, text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)]));
  const seen = new Map<string, MigrationFinding[]>();
  for (const finding of check.findings) {
    const key = finding.severity === 'error' ? placeOf(finding) + finding.rule : `${finding.file} ${finding.rule}`;
    seen.set(key, [...(seen.get(key) ?? []), finding]);
  }
  return [...seen.values()].flatMap(([first, ...more]) => {
    const finding = first as MigrationFinding;
    return [...blockOf(finding, more, texts.get(finding.file) ?? [], options), ''];
  });
}

function blockOf(finding: MigrationFinding, more: MigrationFinding[], lines: string[], options: TextOptions): string[] {
  const { style } = options;
  const { severity, rule, message, remedy } = finding;
  const again = more.map(({ line, column }) => `${line}:${column}`);
  return [
    `${style.bold(plainText(placeOf(finding)))}: ${paintOf(severity, style)(severity)} ${style.bold(rule)}`,
    `  ${plainText(message)}`,
    ...excerptOf(finding, lines, options),
    ...(again.length === 0 ? [] : [`  ${style.dim(`the same at ${clip(again.join(', '), 100)}`)}`]),
    `  ${style.cyan('fix')} ${plainText(remedy)}`,
  ];
}

/** The first line, underlined as far as the finding reaches in it. */
function excerptOf(
  { line, column, endLine, endColumn }: MigrationFinding,
  lines: string[],
  options: TextOptions,
): string[] {
  const { style, width } = options;
  const characters = [...(lines[line - 1] ?? '')];
  const number = String(line);
  const room = Math.max(20, width - number.length - 5);
  // A long line is shown from a little before the finding on.
  const from = displayWidth(characters.join('')) > room ? Math.max(0, column - 11) : 0;
  const before = printable(characters.slice(from, column - 1).join(''));
  const end = endLine === line ? endColumn - 1 : characters.length;
  const marked = printable(characters.slice(column - 1, Math.max(end, column)).join(''));
  const text = clip(printable(characters.slice(from).join('')), room);
  const start = displayWidth(before);
  const length = Math.max(1, Math.min(displayWidth(marked), Math.max(1, room - start)));
  const gutter = style.dim('|');
  return [
    `  ${style.dim(number)} ${gutter} ${text}`,
    `  ${' '.repeat(number.length)} ${gutter} ${' '.repeat(start)}${style.red('^'.repeat(length))}${endLine > line ? style.dim(' ...') : ''}`,
  ];
}

/** One column a tab, and nothing that moves the cursor. */
function printable(text: string): string {
  return plainText(text.replaceAll('\t', ' '));
}

function paintOf(severity: MigrationSeverity, style: Style): (text: string) => string {
  return severity === 'error' ? style.red : severity === 'warning' ? style.yellow : style.cyan;
}

function placeOf({ file, line, column }: MigrationFinding): string {
  return `${file}:${line}:${column}`;
}

/** What was found, in one line. */
export function summaryLine(check: MigrationCheck, { style }: Pick<TextOptions, 'style'>): string {
  const count = (severity: MigrationSeverity) => check.findings.filter((each) => each.severity === severity).length;
  const counts = [
    numbered(count('error'), 'error'),
    numbered(count('warning'), 'warning'),
    numbered(count('note'), 'note'),
    ...(check.suppressed.length === 0 ? [] : [`${check.suppressed.length} suppressed`]),
  ];
  const by = check.squawk.ran ? `, with squawk ${check.squawk.version}` : ', without squawk';
  const where = `in ${numbered(check.files.length, 'file')} for PostgreSQL ${check.postgres}${by}`;
  const paint = count('error') > 0 ? style.red : count('warning') > 0 ? style.yellow : style.green;
  return `${paint(counts.join(', '))} ${where}`;
}

function numbered(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
