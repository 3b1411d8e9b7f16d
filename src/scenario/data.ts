import { extname } from 'node:path';
import { parse } from 'csv-parse/sync';
import { messageOf } from '../model/errors.js';
import type { Feed } from '../wire/plan.js';
import type { Files } from './files.js';
import type { Path, Report } from './problem.js';
import type { Feeds } from './request-template.js';
import type { CheckedScenario } from './schema.js';

const MAX_ROWS = 100_000;
const MAX_COLUMNS = 200;

/** Reads `traffic.data`; its files were read before. */
export function readFeeds(input: CheckedScenario['traffic']['data'], files: Files, path: Path, report: Report): Feeds {
  const all: Feed[] = [];
  const faulty: string[] = [];
  for (const [name, given] of Object.entries(input ?? {})) {
    const { file, order = 'sequential' } = typeof given === 'string' ? { file: given } : given;
    const here = [...path, name];
    const at = typeof given === 'string' ? here : [...here, 'file'];
    const rows = readRows(file, files);
    if (!/^[A-Za-z_][\w-]*$/.test(name)) {
      const message = `\`${name}\` does not do as a name: letters, digits, \`_\` and \`-\`, no digit first`;
      report(here, message, { part: 'key' });
    }
    if (Array.isArray(rows)) all.push({ name, order, rows });
    else {
      report(at, `\`${file}\` ${rows.problem}`);
      faulty.push(name);
    }
  }
  return { all, faulty };
}

type Rows = Record<string, string>[] | { problem: string };

function readRows(file: string, files: Files): Rows {
  const found = files.get(file) ?? { problem: 'was not read' };
  if ('problem' in found) return found;
  const kind = extname(file).toLowerCase();
  if (kind !== '.csv' && kind !== '.json') return { problem: 'is neither `.csv` nor `.json` by its name' };
  const rows = kind === '.csv' ? csvRows(found.text) : jsonRows(found.text);
  if ('problem' in rows) return rows;
  if (rows.length === 0) return { problem: 'has no row' };
  return rows.length > MAX_ROWS ? { problem: `has more than ${MAX_ROWS} rows` } : rows;
}

function csvRows(text: string): Rows {
  let lines: string[][];
  try {
    lines = parse(text, { bom: true, skip_empty_lines: true, to: MAX_ROWS + 2 });
  } catch (error) {
    return { problem: `is no CSV: ${messageOf(error)}` };
  }
  const [columns = [], ...rows] = lines;
  const wrong = columnProblem(columns);
  if (wrong !== null) return { problem: wrong };
  return rows.map((row) => rowOf(columns.map((column, index) => [column, row[index] ?? ''])));
}

function columnProblem(columns: readonly string[]): string | null {
  if (columns.length > MAX_COLUMNS) return `has more than ${MAX_COLUMNS} columns`;
  if (columns.some((column) => column.trim() === '')) return 'has a column without a name in its first line';
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  return twice === undefined ? null : `has two columns with the name \`${twice}\``;
}

function jsonRows(text: string): Rows {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    return { problem: `is no JSON: ${messageOf(error)}` };
  }
  if (!Array.isArray(value)) return { problem: 'is no list of objects' };
  if (value.length > MAX_ROWS) return { problem: `has more than ${MAX_ROWS} rows` };
  const columns = isMapping(value[0]) ? Object.keys(value[0]) : [];
  const wrong = columnProblem(columns);
  if (wrong !== null) return { problem: wrong };
  const rows: Record<string, string>[] = [];
  for (const [index, row] of value.entries()) {
    const problem = rowProblem(row, columns);
    if (problem !== null) return { problem: `${problem} in row ${index + 1}` };
    rows.push(rowOf(columns.map((column) => [column, String(row[column] ?? '')])));
  }
  return rows;
}

function rowProblem(row: unknown, columns: readonly string[]): string | null {
  if (!isMapping(row)) return 'has something that is no object';
  const missing = columns.find((column) => !Object.hasOwn(row, column));
  if (missing !== undefined) return `has no \`${missing}\``;
  const other = Object.keys(row).find((key) => !columns.includes(key));
  if (other !== undefined) return `has a column \`${other}\` that the first row has not`;
  for (const [column, value] of Object.entries(row)) {
    if (typeof value === 'object' && value !== null) return `has a \`${column}\` that is no text or number`;
    // Half a character cannot be sent: it has no form in UTF-8.
    if (/\p{Cs}/u.test(String(value))) return `has a \`${column}\` that is no Unicode text`;
  }
  return null;
}

/** A column may have any name, also one that objects have by nature. */
function rowOf(entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(entries);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
