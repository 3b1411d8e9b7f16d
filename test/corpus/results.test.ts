import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { badCase, exampleCase, failedRun } from './example.ts';
import type { Row } from './report.ts';
import { keepResults, takeResults } from './results.ts';
import type { Ran } from './run-case.ts';
import { broken } from './score.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zdd-results-'));
  file = join(folder, 'results.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ran: Ran = { score: broken(['it is so']), evidence: [], orphans: [], run: failedRun('switch'), seconds: 1 };
const row = (label: Row['label'], runs: Ran[] = []): Row => ({ label, missing: null, runs, disturbed: 0 });

describe('results of the corpus', () => {
  it('are gone on with, wherever the project lies', () => {
    keepResults([{ ...row(exampleCase(), [ran, ran]), disturbed: 1 }, row(badCase(), [ran])], file);
    const rows = [row({ ...exampleCase(), folder: '/elsewhere' }), row(badCase())];
    expect(takeResults(rows, file)).toEqual({ taken: 3, others: [] });
    expect(rows.map(({ runs, disturbed }) => [runs.length, disturbed])).toEqual([
      [2, 1],
      [1, 0],
    ]);
    expect(rows[1]?.runs[0]).toEqual(ran);
    expect(readdirSync(folder)).toEqual(['results.json']);
  });

  it('do not count for a case whose label is another now', () => {
    keepResults([row(exampleCase(), [ran])], file);
    const rows = [row({ ...exampleCase(), mistake: 'another' })];
    expect(takeResults(rows, file).taken).toBe(0);
    expect(rows[0]?.runs).toEqual([]);
  });

  it('stay in the file where other cases are run', () => {
    const [one, other] = [row(exampleCase({ id: 'shop/one' }), [ran]), row(exampleCase({ id: 'shop/other' }), [ran])];
    keepResults([one, other], file);
    const { others } = takeResults([row(exampleCase({ id: 'shop/one' }))], file);
    expect(others.map(({ label, runs }) => [label.id, runs.length])).toEqual([['shop/other', 1]]);
  });

  it('are none where there is no file', () => {
    expect(takeResults([row(exampleCase())], file)).toEqual({ taken: 0, others: [] });
  });

  it.each([['not JSON'], ['{}'], ['{"rows": [1]}']])('are not taken from a file that holds %s', (text) => {
    writeFileSync(file, text);
    expect(() => takeResults([row(exampleCase())], file)).toThrow(file);
  });
});
