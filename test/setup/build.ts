import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = ['src', 'build.mjs', 'tsconfig.json', 'package.json'];

/** Builds `dist/` before the first test where a source is newer: tests of the command start what users start. */
export default function setup(): void {
  if (newest(SOURCES.map((path) => join(ROOT, path))) <= modifiedAt(join(ROOT, 'dist/cli/main.js'))) return;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['build.mjs'], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed; the tests would run an old one\n${stdout}${stderr}`);
}

function newest(paths: readonly string[]): number {
  return Math.max(0, ...paths.map((path) => Math.max(modifiedAt(path), newest(childrenOf(path)))));
}

function childrenOf(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(path).map((name) => join(path, name));
}

function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
