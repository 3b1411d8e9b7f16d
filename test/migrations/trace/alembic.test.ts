import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alembicConfig } from '../../../src/migrations/trace/alembic.ts';

const URL_OF_TRACE = 'postgresql://migration:secret@127.0.0.1:20001/shadow';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zdd-alembic-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = (ini: string, argv: string[], name = 'alembic.ini') => {
  writeFileSync(join(folder, name), ini);
  return alembicConfig({ argv, cwd: folder, env: {}, connection: {} }, URL_OF_TRACE);
};

describe('a configuration of alembic', () => {
  it('with a URL is copied with ours, in the place that alembic looks in', async () => {
    const ini =
      '[alembic]\nscript_location = %(here)s/db\nsqlalchemy.url = postgresql+psycopg2://me:pw@db:5432/shop?x=1\n';
    const found = await config(ini, ['sh', '-c', 'alembic upgrade head']);
    const copy = found?.env.ALEMBIC_CONFIG as string;
    expect(readFileSync(copy, 'utf8')).toBe(
      `[alembic]\nscript_location = ${folder}/db\nsqlalchemy.url = postgresql+psycopg2://migration:secret@127.0.0.1:20001/shadow\n`,
    );
    expect(found?.argv).toEqual(['sh', '-c', 'alembic upgrade head']);
    // It holds a password.
    expect(statSync(copy).mode & 0o077).toBe(0);
    await found?.remove();
    expect(existsSync(copy)).toBe(false);
    expect(readFileSync(join(folder, 'alembic.ini'), 'utf8')).toBe(ini);
  });

  it('that the command names is replaced there', async () => {
    const ini = '[alembic]\nsqlalchemy.url: postgres://db/shop\n';
    const found = await config(ini, ['python3', '-m', 'alembic', '-c', 'other.ini', 'upgrade', 'head'], 'other.ini');
    expect(found?.argv).toEqual(['python3', '-m', 'alembic', '-c', found?.env.ALEMBIC_CONFIG, 'upgrade', 'head']);
    await found?.remove();
  });

  it.each([
    '[alembic]\nsqlalchemy.url = %(DATABASE_URL)s\n',
    '[alembic]\nscript_location = db\n',
    '[alembic]\nsqlalchemy.url = sqlite:///shop.db\n',
    '[alembic]\n# sqlalchemy.url = postgresql://db/shop\n',
  ])('that names no URL is left alone: %j', async (ini) => {
    expect(await config(ini, ['alembic', 'upgrade', 'head'])).toBeNull();
  });
});
