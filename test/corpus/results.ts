import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../src/model/errors.js';
import type { Case } from './cases.ts';
import { type Row, totalsOf } from './report.ts';
import { scoredParts } from './result.ts';
import type { Ran } from './run-case.ts';

/** Results as JSON: what `--json` prints, and what `--results` keeps. */
export function asJson(rows: readonly Row[]): string {
  const parts = rows.map((row) => ({ ...row, runs: row.runs.map(partsOf) }));
  return `${JSON.stringify({ totals: totalsOf(rows), rows: parts }, null, 2)}\n`;
}

function partsOf(ran: Ran): Ran {
  return { ...ran, run: ran.run === null ? null : scoredParts(ran.run) };
}

/** Replaces the file in one moment: a run that is ended leaves the one before. */
export function keepResults(rows: readonly Row[], file: string): void {
  writeFileSync(`${file}.new`, asJson(rows));
  renameSync(`${file}.new`, file);
}

/**
 * Takes over the runs that the file holds, if there is one, of each case whose label is still the same. Returns how many,
 * and the rows of cases that are not run now: they stay in the file.
 * @throws where the file holds something else.
 */
export function takeResults(rows: readonly Row[], file: string): { taken: number; others: Row[] } {
  if (!existsSync(file)) return { taken: 0, others: [] };
  const earlier = readRows(file);
  const others = earlier.filter(({ label }) => !rows.some((row) => row.label.id === label.id));
  let taken = 0;
  for (const row of rows) {
    const same = earlier.find(({ label }) => labelText(label) === labelText(row.label));
    if (same === undefined) continue;
    row.runs.push(...same.runs);
    row.disturbed += same.disturbed;
    taken += same.runs.length;
  }
  return { taken, others };
}

function readRows(file: string): Row[] {
  try {
    const { rows } = JSON.parse(readFileSync(file, 'utf8')) as { rows?: unknown };
    if (Array.isArray(rows) && rows.every((row: Partial<Row>) => row.label && Array.isArray(row.runs))) return rows;
  } catch (error) {
    throw new Error(`${file} cannot be read as results: ${messageOf(error)}`);
  }
  throw new Error(`${file} holds no results of a corpus: expected what --json prints`);
}

/** Everything but where the scenario lies. */
function labelText({ folder: _, ...label }: Case): string {
  return JSON.stringify(label);
}
