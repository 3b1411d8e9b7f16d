import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markReader } from '../../src/conductor/marks.js';
import { emptyFolder } from '../setup/empty-folder.js';

const line = (name: string): string => `${JSON.stringify({ name, ns: '7' })}\n`;

/** A folder with marks, their reader, and what it tells of itself. */
async function marked(text: string) {
  const dir = await emptyFolder();
  const file = join(dir, 'marks.ndjson');
  writeFileSync(file, text);
  const faults: string[] = [];
  const read = markReader(dir, (fault) => faults.push(fault));
  return { file, faults, names: () => read().map(({ name }) => name) };
}

describe('the reader of marks', () => {
  it('gives each mark once, and one that is still being written when it is whole', async () => {
    const { file, names } = await marked(`${line('a')}${line('ß').slice(0, 12)}`);
    expect(names()).toEqual(['a']);
    expect(names()).toEqual([]);
    appendFileSync(file, line('ß').slice(12));
    appendFileSync(file, line('c'));
    expect(names()).toEqual(['ß', 'c']);
  });

  it('passes over what is no mark, however long it is', async () => {
    const { names } = await marked(`{\n${'x'.repeat(200_000)}\n${line('a')}`);
    expect([1, 2, 3, 4, 5].flatMap(names)).toEqual(['a']);
  });

  it('reads many marks in several parts, and loses none', async () => {
    const all = Array.from({ length: 5000 }, (_, index) => `mark ${index}`);
    const { names } = await marked(all.map(line).join(''));
    const parts = [1, 2, 3, 4].map(names);
    expect(parts[0]!.length).toBeLessThan(all.length);
    expect(parts.flat()).toEqual(all);
  });

  it('tells once of a file that cannot be read, and gives no marks', async () => {
    const { file, faults, names } = await marked(line('a'));
    rmSync(file);
    expect(names()).toEqual([]);
    mkdirSync(file);
    expect([names(), names()]).toEqual([[], []]);
    expect(faults).toEqual([expect.stringMatching(/^the marks cannot be read: .*marks\.ndjson is no file$/)]);
  });
});
