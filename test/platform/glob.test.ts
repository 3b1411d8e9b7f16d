import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alternatives, filesLike } from '../../src/platform/glob.js';
import { emptyFolder } from '../setup/empty-folder.ts';

async function folderWith(...files: string[]): Promise<string> {
  const dir = await emptyFolder();
  for (const file of files) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), '');
  }
  return dir;
}

describe('a pattern of paths', () => {
  it.each([
    ['db/*.sql', ['db/V1.sql', 'db/V2.sql', 'db/V10.sql']],
    ['./db//*.sql', ['db/V1.sql', 'db/V2.sql', 'db/V10.sql']],
    ['db/V?.sql', ['db/V1.sql', 'db/V2.sql']],
    ['db/V1.sql', ['db/V1.sql']],
    ['*/V1.sql', ['db/V1.sql']],
    ['db/**/*.sql', ['db/V1.sql', 'db/V2.sql', 'db/V10.sql', 'db/down/V1.sql', 'db/down/old/V0.sql']],
    ['db/**', ['db/V1.sql', 'db/V2.sql', 'db/V10.sql', 'db/down/V1.sql', 'db/down/old/V0.sql', 'db/notes (1).md']],
    ['**/old/*', ['db/down/old/V0.sql']],
    ['db/{down,.}/V1.sql', ['db/down/V1.sql', 'db/V1.sql']],
    ['db/notes (*).md', ['db/notes (1).md']],
    ['db/.*.sql', ['db/.hidden.sql']],
    ['db/*.SQL', []],
    ['db', []],
    ['elsewhere/*.sql', []],
    ['db/V1.sql/*', []],
  ])('%s names files', async (pattern, files) => {
    const dir = await folderWith(
      ...['db/V10.sql', 'db/V2.sql', 'db/V1.sql', 'db/.hidden.sql', 'db/notes (1).md', 'db/node_modules/a/b.sql'],
      ...['db/down/V1.sql', 'db/down/old/V0.sql'],
    );
    const found = await filesLike(pattern, dir);
    expect(found.sort()).toEqual([...files].sort());
    expect(await filesLike(join(dir, pattern), '/nowhere')).toHaveLength(files.length);
  });

  it('gives files in natural order, and those of each alternative together', async () => {
    const dir = await folderWith('b/V10.sql', 'b/V9.sql', 'a/V11.sql');
    expect(await filesLike('{b,a}/*.sql', dir)).toEqual(['b/V9.sql', 'b/V10.sql', 'a/V11.sql']);
    expect(await filesLike('*/*.sql', dir)).toEqual(['a/V11.sql', 'b/V9.sql', 'b/V10.sql']);
  });

  it('follows no link that leads up, and finds the files that links lead to', async () => {
    const dir = await folderWith('db/V1.sql');
    await symlink('..', join(dir, 'db/up'));
    await symlink('V1.sql', join(dir, 'db/V2.sql'));
    await symlink('nowhere', join(dir, 'db/V3.sql'));
    expect(await filesLike('**/*.sql', dir)).toEqual(['db/V1.sql', 'db/V2.sql']);
    expect(await filesLike('db/up/db/V1.sql', dir)).toEqual(['db/up/db/V1.sql']);
  });
});

describe('braces', () => {
  it.each([
    ['a{b,c}d', ['abd', 'acd']],
    ['{a,b}{1,2}', ['a1', 'a2', 'b1', 'b2']],
    ['{a,{b,c}}', ['a', 'b', 'c']],
    ['{a,}b', ['ab', 'b']],
    ['{a}', ['{a}']],
    ['{a,b', ['{a,b']],
    ['a}{b', ['a}{b']],
    ['{a,a}', ['a']],
  ])('%s', (pattern, texts) => {
    expect(alternatives(pattern)).toEqual(texts);
  });

  it('that stand for too many patterns are refused', () => {
    expect(() => alternatives('{1,2}'.repeat(20))).toThrow('too many');
  });

  it('always come to an end', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', ',', 'a', 'b'), maxLength: 24 }), (pattern) => {
        try {
          expect(new Set(alternatives(pattern)).size).toBeGreaterThan(0);
        } catch (error) {
          expect((error as Error).message).toContain('too many');
        }
      }),
    );
  });
});
