import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/** Runs of real systems, small and compressed: one folder each, with what is expected of it. */
export const RECORDS = fileURLToPath(new URL('.', import.meta.url));
const FILES = ['journal.ndjson', 'samples.arrow'] as const;

/** What the judge has to say of a record. */
export interface Expected {
  /** The scenario, with its settings, that made it. */
  from: string;
  verdict: string;
  release: string;
  /** The likeliest cause; null where there is nothing to explain. */
  cause: string | null;
  /** The step the cause is in. */
  step: string | null;
}

export function recordNames(): string[] {
  return readdirSync(RECORDS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

export function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(join(RECORDS, name, 'expected.json'), 'utf8'));
}

/** The record as a run directory below the system's temporary folder; `remove` takes it away. */
export function unpacked(name: string): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'zdd-record-'));
  for (const file of FILES)
    writeFileSync(join(dir, file), brotliDecompressSync(readFileSync(join(RECORDS, name, `${file}.br`))));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Adds the record of a run directory. */
export function pack(dir: string, name: string, expected: Expected): void {
  const folder = join(RECORDS, name);
  mkdirSync(folder, { recursive: true });
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  for (const file of FILES)
    writeFileSync(join(folder, `${file}.br`), brotliCompressSync(readFileSync(join(dir, file)), { params }));
  writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
}
