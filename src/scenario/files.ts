import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../model/errors.js';
import type { CheckedScenario } from './schema.js';

/** What became of reading a file that a scenario names. */
export type FileLookup = { text: string } | { problem: string };
/** By the path as the scenario has it. */
export type Files = ReadonlyMap<string, FileLookup>;

const MAX_PEM_BYTES = 1024 ** 2;
const MAX_DATA_BYTES = 64 * 1024 ** 2;

/** Reads every file that a scenario names: certificates, keys and data. */
export async function readFiles(scenario: CheckedScenario, dir: string): Promise<Files> {
  const wanted = new Map<string, number>();
  for (const name of pemFiles(scenario)) wanted.set(name, MAX_PEM_BYTES);
  for (const feed of Object.values(scenario.traffic.data ?? {}))
    wanted.set(typeof feed === 'string' ? feed : feed.file, MAX_DATA_BYTES);
  const files = new Map<string, FileLookup>();
  for (const [name, maxBytes] of wanted) files.set(name, await readText(name, maxBytes, dir));
  return files;
}

function pemFiles({ target, targets, probes }: CheckedScenario): string[] {
  const connected = [target, ...Object.values(targets ?? {}), probes?.twin, probes?.control];
  return connected.flatMap((each) =>
    [each?.tls?.ca, each?.tls?.cert, each?.tls?.key].filter((name) => name !== undefined),
  );
}

/** The text of a file, or why it cannot be had. */
export async function readText(name: string, maxBytes: number, dir: string): Promise<FileLookup> {
  const path = resolve(dir, name);
  try {
    const found = await stat(path);
    if (!found.isFile()) return { problem: 'is not a regular file' };
    if (found.size > maxBytes) return { problem: `has ${found.size} bytes; at most ${maxBytes} are read` };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: `does not exist (looked for ${path})` };
    if (code === 'EACCES') return { problem: 'cannot be read: no permission' };
    return { problem: code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not UTF-8' : messageOf(error) };
  }
}
