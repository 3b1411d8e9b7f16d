import { messageOf } from '../model/errors.js';
import { filesLike } from '../platform/glob.js';
import type { MigrationFile } from '../steps/step.js';
import { readText } from './files.js';
import type { CheckedScenario, CheckedStep } from './schema.js';

/** What became of a path that a step names for its SQL. */
export type MigrationLookup = { files: MigrationFile[] } | { problem: string };
/** By the path as the scenario has it. */
export type MigrationFiles = ReadonlyMap<string, MigrationLookup>;

const MAX_FILES = 1000;
const MAX_FILE_BYTES = 4 * 1024 ** 2;
const MAX_BYTES = 32 * 1024 ** 2;

/** Reads the SQL that steps name under `migrations`. */
export async function readMigrationFiles(
  { steps, rollback = [] }: CheckedScenario,
  dir: string,
): Promise<MigrationFiles> {
  const named = [...steps, ...[rollback].flat()].flatMap(pathsOf);
  const found = new Map<string, MigrationLookup>();
  for (const path of new Set(named)) found.set(path, await lookUp(path, dir));
  return found;
}

function pathsOf({ migrations }: CheckedStep): string[] {
  if (migrations === undefined) return [];
  if (typeof migrations === 'string' || Array.isArray(migrations)) return [migrations].flat();
  return [migrations.files, migrations.schema ?? [], migrations.oldQueries ?? []].flat();
}

async function lookUp(pattern: string, dir: string): Promise<MigrationLookup> {
  let names: string[];
  try {
    names = await filesLike(pattern, dir);
  } catch (error) {
    return { problem: messageOf(error) };
  }
  if (names.length === 0) return { problem: `matches no file (looked in ${dir})` };
  if (names.length > MAX_FILES) return { problem: `matches ${names.length} files; at most ${MAX_FILES} are read` };
  const files: MigrationFile[] = [];
  let bytes = 0;
  for (const file of names) {
    const found = await readText(file, MAX_FILE_BYTES, dir);
    if ('problem' in found)
      return { problem: file === pattern ? found.problem : `matches ${file}, which ${found.problem}` };
    bytes += found.text.length;
    if (bytes > MAX_BYTES) return { problem: `matches more than ${MAX_BYTES / 1024 ** 2} MiB` };
    files.push({ file, text: found.text });
  }
  return { files };
}
