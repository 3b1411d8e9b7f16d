import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Comparison } from '../model/comparison.js';
import { messageOf, ZddError } from '../model/errors.js';
import { writeAtomically } from '../platform/files.js';

/** What a run was held against, beside its record: the other runs may be gone when it is judged again. */
const COMPARISON_FILE = 'comparison.json';

export async function storeComparison(dir: string, comparison: Comparison): Promise<void> {
  await writeAtomically(join(dir, COMPARISON_FILE), `${JSON.stringify(comparison, null, 2)}\n`);
}

/** Null where the run was held against none. Throws where the file is another run's, or cannot be read. */
export async function storedComparison(dir: string, runId: string): Promise<Comparison | null> {
  const path = join(dir, COMPARISON_FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw unreadable(path, messageOf(error));
  });
  if (text === null) return null;
  let stored: Partial<Comparison> | null;
  try {
    stored = JSON.parse(text);
  } catch (error) {
    throw unreadable(path, messageOf(error));
  }
  if (stored?.schema !== 'zdd-verify/comparison/v1') throw unreadable(path, 'it is no comparison of this version');
  if (stored.new?.runId !== runId) throw unreadable(path, `it is of the run ${stored.new?.runId}`);
  return stored as Comparison;
}

function unreadable(path: string, why: string): ZddError {
  return new ZddError('RECORD_UNREADABLE', `${path} cannot be used: ${why}`, {
    hint: 'compare again with `zdd-verify gate DIR --baseline BASE`, or remove the file',
  });
}
