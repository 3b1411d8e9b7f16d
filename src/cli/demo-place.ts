import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { execa } from 'execa';
import { messageOf, ZddError } from '../model/errors.js';

export interface DemoPlace {
  /** A copy of the scenario's folder with its packages installed; kept for the next time. */
  folder: string;
  /** A new empty folder for this run; everything the demo makes is in it. */
  root: string;
}

const INSTALL_TIMEOUT_MS = 300_000;

/**
 * Makes the one place the demo writes to, below the system's temporary folder. The packages that only the demo
 * needs are installed there on first use, from the scenario's own lock file.
 */
export async function prepareDemo(source: string, say: (line: string) => void): Promise<DemoPlace> {
  const base = join(tmpdir(), `zdd-verify-demo-${process.getuid?.() ?? 'user'}`);
  await makeOwn(base);
  const folder = join(base, await fingerprint(source));
  if (!(await exists(folder))) {
    say('installing the packages of the demo (PM2, PostgreSQL), once');
    await install(source, base, folder);
  }
  const root = await mkdtemp(join(base, 'run-'));
  await chmod(root, 0o711);
  return { folder, root };
}

/** The temporary folder is everybody's: a folder of that name that somebody else made is not used. */
async function makeOwn(base: string): Promise<void> {
  // Others may pass through: PostgreSQL runs as another user when the demo is run by root.
  await mkdir(base).catch(() => {});
  const found = await lstat(base);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new ZddError('OUTPUT_UNWRITABLE', `${base} belongs to somebody else`, {
      hint: 'set TMPDIR to a folder of your own',
    });
  }
}

async function install(source: string, base: string, folder: string): Promise<void> {
  const draft = await mkdtemp(join(base, 'install-'));
  try {
    await cp(source, draft, {
      recursive: true,
      filter: (path) => !path.includes('node_modules') || source.includes('node_modules'),
    });
    await execa('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--cache', join(draft, '.npm')], {
      cwd: draft,
      timeout: INSTALL_TIMEOUT_MS,
      stdin: 'ignore',
    });
    await rm(join(draft, '.npm'), { recursive: true, force: true });
    await rename(draft, folder).catch(async (error) => {
      if (!(await exists(folder))) throw error;
    });
  } catch (cause) {
    throw new ZddError('PROGRAM_MISSING', `the packages of the demo cannot be installed: ${messageOf(cause)}`, {
      hint: 'the demo needs npm and its registry the first time it is run',
      cause,
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A folder name that changes with every file of the scenario and with the platform. */
async function fingerprint(source: string): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const entry of (await readdir(source, { recursive: true, withFileTypes: true })).sort(byPath)) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || relative(source, path).split(sep)[0] === 'node_modules') continue;
    hash.update(relative(source, path)).update(await readFile(path));
  }
  return `packages-${hash.digest('hex').slice(0, 12)}`;
}

function byPath(a: Dirent, b: Dirent): number {
  return join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
