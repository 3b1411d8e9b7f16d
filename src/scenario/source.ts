import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { messageOf, ZddError } from '../model/errors.js';
import { loadModule } from './module-source.js';
import { problemAt, ScenarioError } from './problem.js';
import type { SourceText } from './source-text.js';
import { nearest } from './suggest.js';
import { parseYaml } from './yaml-source.js';

export interface Source extends SourceText {
  /** As the user named it. */
  display: string;
  file: string;
  /** SHA-256 of the file's bytes, hex. */
  sha256: string;
}

export const MAX_FILE_BYTES = 1024 * 1024;
const MODULES: readonly string[] = ['.ts', '.mts', '.js', '.mjs'];
const TEXTS: readonly string[] = ['.yaml', '.yml', '.json'];

/**
 * Reads a scenario file of any kind.
 * @throws ZddError SCENARIO_UNREADABLE where there is nothing to read, SCENARIO_INVALID where it is no text or data.
 */
export async function readSource(display: string): Promise<Source> {
  const file = resolve(display);
  const kind = extname(file).toLowerCase();
  if (!MODULES.includes(kind) && !TEXTS.includes(kind)) {
    throw new ZddError(
      'SCENARIO_UNREADABLE',
      `${display}: a scenario's name ends in ${[...TEXTS, ...MODULES].join(', ')}`,
    );
  }
  const bytes = await readBytes(display, file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const text = MODULES.includes(kind)
    ? await loadModule(file)
    : parseYaml(decode(display, bytes), kind === '.json' ? 'json' : 'yaml');
  const source = { ...text, display, file, sha256 };
  if (text.problems.length > 0) throw new ScenarioError(display, text.problems, text.lines);
  return source;
}

async function readBytes(display: string, file: string): Promise<Buffer> {
  try {
    const { size, isFile } = await stat(file).then((found) => ({ size: found.size, isFile: found.isFile() }));
    if (!isFile) throw new ZddError('SCENARIO_UNREADABLE', `${display} is not a regular file`);
    if (size > MAX_FILE_BYTES) {
      throw new ZddError(
        'SCENARIO_UNREADABLE',
        `${display} has ${size} bytes; a scenario has at most ${MAX_FILE_BYTES}`,
      );
    }
    return await readFile(file);
  } catch (error) {
    if (error instanceof ZddError) throw error;
    throw new ZddError('SCENARIO_UNREADABLE', await reasonOf(error, display, file), { cause: error });
  }
}

async function reasonOf(error: unknown, display: string, file: string): Promise<string> {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EACCES') return `${display}: no permission to read it`;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return `${display}: ${messageOf(error)}`;
  const siblings = await readdir(dirname(file)).catch(() => []);
  const scenarios = siblings.filter((name) => [...MODULES, ...TEXTS].includes(extname(name)));
  const stem = (name: string) => basename(name, extname(name));
  const best = nearest(stem(file), scenarios.map(stem));
  const meant = best === null ? undefined : scenarios.find((name) => stem(name) === best);
  return `${display} does not exist${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`;
}

function decode(display: string, bytes: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The replacement decoder keeps everything before the first fault as it is.
    const lines = new TextDecoder('utf-8').decode(bytes).split('\ufffd', 1)[0]?.split('\n') ?? [''];
    throw notText(display, lines, 'is not UTF-8 here; save the file as UTF-8');
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw notText(display, text.slice(0, nul).split('\n'), 'holds a NUL byte here; is it a text file?');
  return text;
}

function notText(display: string, before: readonly string[], message: string): ScenarioError {
  const location = { line: before.length, column: (before.at(-1) ?? '').length + 1, length: 1 };
  return new ScenarioError(display, [problemAt([], message, { location })], before);
}
