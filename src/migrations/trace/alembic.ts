import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { TraceCommand } from './options.js';

/** A URL that is written down; one that is put together of something else is left alone. */
const FIXED_URL = /^(\s*sqlalchemy\.url\s*[=:]\s*)(postgres\w*(?:\+\w+)?):\/\/[^\s%]*[ \t]*$/m;

/**
 * alembic.ini has the URL of the database written down, unless its `env.py` reads it from elsewhere: alembic is given a
 * copy with ours in its place, by the variable that it looks for its configuration in, or in the place of the file that
 * the command names. Null where there is none with a URL.
 */
export async function alembicConfig(
  { argv, cwd }: TraceCommand,
  url: string,
): Promise<{ argv: string[]; env: Record<string, string>; remove(): Promise<void> } | null> {
  const name = argv.findIndex((word) => basename(word) === 'alembic');
  const given =
    name === -1 ? -1 : argv.findIndex((word, index) => index > name && (word === '-c' || word === '--config'));
  const file = resolve(cwd, (given === -1 ? undefined : argv[given + 1]) ?? 'alembic.ini');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null || !FIXED_URL.test(text)) return null;
  const folder = await mkdtemp(join(tmpdir(), 'zdd-verify-alembic-'));
  const copy = join(folder, 'alembic.ini');
  const place = url.slice('postgresql'.length);
  const changed = text
    .replace(FIXED_URL, (_, name: string, scheme: string) => `${name}${scheme}${place}`)
    .replaceAll('%(here)s', dirname(file).replaceAll('%', '%%'));
  await writeFile(copy, changed, { mode: 0o600 });
  return {
    argv: given === -1 ? argv : argv.map((word, index) => (index === given + 1 ? copy : word)),
    env: { ALEMBIC_CONFIG: copy },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
