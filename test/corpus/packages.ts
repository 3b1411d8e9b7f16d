import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/**
 * The folder to run a scenario from: its own, or, where it has npm packages of its own, a copy with these installed.
 * The packages are kept in the temporary folder for the next time; the copy is made anew each time.
 */
export function runnableFolder(folder: string, place: string, say: (line: string) => void): string {
  const lock = join(folder, 'package-lock.json');
  if (!existsSync(lock) || existsSync(join(folder, 'node_modules'))) return folder;
  const copy = join(place, 'scenarios', basename(folder));
  if (existsSync(copy)) return copy;
  cpSync(folder, copy, { recursive: true });
  const shared = join(place, 'scenarios', 'shared');
  if (!existsSync(shared)) symlinkSync(join(dirname(folder), 'shared'), shared);
  cpSync(installed(folder, lock, say), join(copy, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  return copy;
}

function installed(folder: string, lock: string, say: (line: string) => void): string {
  const base = join(tmpdir(), `zdd-corpus-packages-${process.getuid?.() ?? 'user'}`);
  mkdirSync(base, { recursive: true });
  const hash = createHash('sha256').update(process.version).update(readFileSync(lock)).digest('hex').slice(0, 12);
  const kept = join(base, hash);
  if (existsSync(kept)) return join(kept, 'node_modules');
  say(`installing the npm packages of ${basename(folder)}`);
  const draft = mkdtempSync(join(base, 'install-'));
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(folder, name), join(draft, name));
  const argv = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', argv, { cwd: draft, encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) {
    rmSync(draft, { recursive: true, force: true });
    throw new Error(`npm ci for ${basename(folder)} failed: ${stderr.slice(0, 500)}`);
  }
  // Servers that run as another user read them, too.
  chmodSync(draft, 0o755);
  renameSync(draft, kept);
  return join(kept, 'node_modules');
}
