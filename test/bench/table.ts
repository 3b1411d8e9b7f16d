/** One part of the bench's output: what was found, for people and, as `data`, for programs. */
export interface Section {
  title: string;
  columns: string[];
  rows: string[][];
  notes: string[];
  data: unknown;
}

/** Columns aligned for a terminal: the first to the left, numbers to the right. */
export function asText({ title, columns, rows, notes }: Section): string {
  const widths = columns.map((name, column) => Math.max(name.length, ...rows.map((row) => cell(row, column).length)));
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, column) => (column === 0 ? cell(cells, column).padEnd(width) : cell(cells, column).padStart(width)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [title, '', line(columns), rule, ...rows.map(line), '', ...notes.map((note) => `  ${note}`), ''].join('\n');
}

export function asMarkdown({ title, columns, rows, notes }: Section): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = columns.map((_, column) => (column === 0 ? '---' : '--:'));
  const items = notes.map((note) => `- ${note}`);
  return [`### ${title}`, '', line(columns), line(rule), ...rows.map(line), '', ...items, ''].join('\n');
}

function cell(row: readonly string[], column: number): string {
  return row[column] ?? '';
}

/** A number with as many digits as it deserves; `-` for none. */
export function digits(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-';
  const places = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: places, minimumFractionDigits: places });
}

export function mebibytes(bytes: number | null): string {
  return bytes === null ? '-' : digits(Math.round(bytes / 1024 / 1024));
}
