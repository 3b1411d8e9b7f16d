import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, ZddError } from '../../model/errors.js';
import type { SqlSource } from './source.js';

/** More than anyone writes by hand: such a file is a dump. */
const MAX_BYTES = 5 * 1024 * 1024;
const MAX_FILES = 5000;

/** The texts behind names on a command line: files, folders (their *.sql, those of folders in them too), `-`. */
export async function readSqlFiles(names: readonly string[], stdin: AsyncIterable<Uint8Array>): Promise<SqlSource[]> {
  if (names.filter((name) => name === '-').length > 1) {
    throw new ZddError('USAGE', 'Standard input (`-`) can be read once only.');
  }
  const sources: SqlSource[] = [];
  for (const name of names) {
    if (name === '-') sources.push({ file: '-', text: textOf('standard input', await allOf(stdin)) });
    else for (const file of await filesOf(name)) sources.push({ file, text: textOf(file, await bytesOf(file)) });
  }
  return sources;
}

/** In the order in which migrations are applied: by name, numbers by their value. */
async function filesOf(name: string): Promise<string[]> {
  const found = await stat(name).catch((error: unknown) => unreadable(name, reasonOf(error)));
  if (!found.isDirectory()) return [name];
  const entries = await readdir(name, { recursive: true }).catch((error: unknown) => unreadable(name, reasonOf(error)));
  const files = entries.filter((entry) => /\.sql$/i.test(entry)).sort(byName);
  if (files.length === 0) unreadable(name, 'no file in this folder ends in .sql');
  if (files.length > MAX_FILES) unreadable(name, `it holds ${files.length} files; at most ${MAX_FILES} are read`);
  return files.map((file) => join(name, file));
}

const ORDER = new Intl.Collator('en', { numeric: true });

function byName(one: string, other: string): number {
  return ORDER.compare(one, other);
}

async function bytesOf(file: string): Promise<Buffer> {
  const { size } = await stat(file).catch((error: unknown) => unreadable(file, reasonOf(error)));
  if (size > MAX_BYTES) tooLarge(file, size);
  return await readFile(file).catch((error: unknown) => unreadable(file, reasonOf(error)));
}

async function allOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_BYTES) tooLarge('standard input', size);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function textOf(name: string, bytes: Buffer): string {
  if (bytes.includes(0))
    unreadable(name, 'it is no text: it holds a zero byte', 'Convert it to UTF-8 if it is UTF-16.');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return unreadable(name, 'it is not UTF-8', `Convert it: \`iconv -f LATIN1 -t UTF-8\`.`);
  }
}

function tooLarge(name: string, size: number): never {
  return unreadable(
    name,
    `it is too large: ${size} bytes, at most ${MAX_BYTES} are read`,
    'Check the statements that change the schema without the data.',
  );
}

function unreadable(name: string, why: string, hint?: string): never {
  throw new ZddError('MIGRATION_UNREADABLE', `${name}: ${why}.`, { hint });
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'it may not be read';
  return messageOf(error);
}
