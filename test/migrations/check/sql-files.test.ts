import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readSqlFiles } from '../../../src/migrations/check/sql-files.js';
import { emptyFolder } from '../../setup/empty-folder.js';

const nothing = () => Readable.from([]);

describe('files with SQL', () => {
  it('come in the order they are named, folders by the numbers in their names, and folders in folders', async () => {
    const dir = await emptyFolder();
    await mkdir(join(dir, '3_nested'));
    for (const name of ['10.sql', '9.sql', 'notes.md', '3_nested/migration.SQL'])
      await writeFile(join(dir, name), name);
    const sources = await readSqlFiles([join(dir, '10.sql'), dir, '-'], Readable.from([Buffer.from('SELECT 1')]));
    expect(sources).toEqual([
      { file: join(dir, '10.sql'), text: '10.sql' },
      { file: join(dir, '3_nested/migration.SQL'), text: '3_nested/migration.SQL' },
      { file: join(dir, '9.sql'), text: '9.sql' },
      { file: join(dir, '10.sql'), text: '10.sql' },
      { file: '-', text: 'SELECT 1' },
    ]);
  });

  it('keep their byte order mark, which is no part of a place', async () => {
    const file = join(await emptyFolder(), 'a.sql');
    await writeFile(file, '\ufeffSELECT 1');
    expect(await readSqlFiles([file], nothing())).toEqual([{ file, text: '\ufeffSELECT 1' }]);
  });

  it.each([
    ['a zero byte', Buffer.from('SELECT\0'), 'zero byte'],
    ['bytes that are no UTF-8', Buffer.from([0x53, 0xe4, 0x20]), 'not UTF-8'],
  ])('are refused with %s', async (_, bytes, why) => {
    const file = join(await emptyFolder(), 'a.sql');
    await writeFile(file, bytes);
    await expect(readSqlFiles([file], nothing())).rejects.toMatchObject({
      code: 'MIGRATION_UNREADABLE',
      message: expect.stringContaining(why),
    });
  });

  it('are refused where they are too large, not there, or a folder holds none', async () => {
    const dir = await emptyFolder();
    const large = join(dir, 'large.txt');
    await writeFile(large, '');
    await truncate(large, 5 * 1024 * 1024 + 1);
    for (const [name, why] of [
      [large, 'too large'],
      [join(dir, 'none.sql'), 'no such file'],
      [dir, 'ends in .sql'],
    ] as const) {
      await expect(readSqlFiles([name], nothing())).rejects.toMatchObject({
        code: 'MIGRATION_UNREADABLE',
        message: expect.stringContaining(why),
      });
    }
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1024 * 1024, ' ');
      })(),
    );
    await expect(readSqlFiles(['-'], endless)).rejects.toMatchObject({ message: expect.stringContaining('too large') });
    await expect(readSqlFiles(['-', '-'], nothing())).rejects.toMatchObject({ code: 'USAGE' });
  });
});
