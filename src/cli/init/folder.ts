import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A text file of the project, by its path from the project's folder on. */
export interface ProjectFile {
  path: string;
  lines: readonly string[];
}

/** Where something was read: `nginx.conf:12`. Null for what the user said. */
export interface Place {
  path: string;
  line: number;
}

/** A value that a file of the project gives, or the user. */
export interface Guess<T = string> {
  value: T;
  from: Place | null;
}

const MAX_DEPTH = 4;
const MAX_ENTRIES = 5000;
const MAX_FILES = 300;
const MAX_FILE_BYTES = 256 * 1024;
const MAX_CHARS = 8 * 1024 * 1024;

/** What others have written, or programs: nothing about how this project is released. */
const NOT_ENTERED = new Set([
  'node_modules',
  'bower_components',
  'vendor',
  'venv',
  'env',
  'site-packages',
  '__pycache__',
  'dist',
  'build',
  'target',
  'coverage',
  'reports',
  'test',
  'tests',
  '__tests__',
]);
/** Names that say something, those that say most first: of very many files the first ones are read. */
const KINDS: readonly RegExp[] = [
  /^(?:Procfile|Makefile|Dockerfile|package\.json|manage\.py|alembic\.ini|schema\.prisma|gunicorn.*\.py)$/,
  /^(?:ecosystem|pm2|knexfile).*\.(?:json|[cm]?js|ts)$|^process\.(?:json|ya?ml)$|^nginx\b/,
  /\.(?:conf|cfg|service|sh)$|^(?:deploy|release|rollback|undo)$/,
  /\.ya?ml$/,
  /^(?:server|app|index|main)\.(?:[cm]?[jt]s|py)$/,
  /\.(?:[cm]?[jt]s|py|rb|go)$/,
];

/**
 * The text files below `root` that can say how the project is released. Links are not followed, nothing is executed, and
 * depth, number and sizes are bounded; what cannot be read is left out.
 */
export async function readProject(root: string): Promise<ProjectFile[]> {
  const paths = (await namesBelow(root)).sort((a, b) => rank(a) - rank(b) || depth(a) - depth(b) || (a < b ? -1 : 1));
  const files: ProjectFile[] = [];
  let chars = 0;
  for (const path of paths.slice(0, MAX_FILES)) {
    const text = await readText(join(root, path));
    if (text === null) continue;
    chars += text.length;
    if (chars > MAX_CHARS) break;
    files.push({ path, lines: text.split(/\r\n|\n|\r/) });
  }
  return files;
}

async function namesBelow(root: string): Promise<string[]> {
  const found: string[] = [];
  const open = [{ path: '', depth: 0 }];
  let entries = 0;
  for (let folder = open.shift(); folder !== undefined; folder = open.shift()) {
    for (const entry of await readdir(join(root, folder.path), { withFileTypes: true }).catch(() => [])) {
      entries += 1;
      if (entries > MAX_ENTRIES) return found;
      // A name that is no plain text could not be shown, nor written into a scenario.
      if (/[^\w .@+-]/.test(entry.name)) continue;
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (folder.depth < MAX_DEPTH && !entry.name.startsWith('.') && !NOT_ENTERED.has(entry.name))
          open.push({ path, depth: folder.depth + 1 });
      } else if (entry.isFile() && rank(path) < KINDS.length) found.push(path);
    }
  }
  return found;
}

function rank(path: string): number {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const at = KINDS.findIndex((kind) => kind.test(name));
  return at === -1 ? KINDS.length : at;
}

function depth(path: string): number {
  return path.split('/').length;
}

/** The text of a regular file that is not too large; neither a link nor a pipe is waited for. */
async function readText(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return null;
    const bytes = Buffer.alloc(MAX_FILE_BYTES);
    const { bytesRead } = await file.read(bytes, 0, MAX_FILE_BYTES, 0);
    const text = bytes.toString('utf8', 0, bytesRead);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

/** The files whose path is like this. */
export function filesNamed(files: readonly ProjectFile[], name: RegExp): ProjectFile[] {
  return files.filter(({ path }) => name.test(path));
}

/** The first line of the files that is like this: its first group, and where it stands. */
export function firstMatch(files: readonly ProjectFile[], line: RegExp): Guess | null {
  for (const file of files) {
    const found = matches(file, line)[0];
    if (found !== undefined) return found;
  }
  return null;
}

/** All of them in one file. Lines beyond a sane length are no one's own writing. */
export function matches({ path, lines }: ProjectFile, line: RegExp): Guess[] {
  return lines.flatMap((text, index) => {
    const value =
      text.length > MAX_LINE_CHARS
        ? undefined
        : line
            .exec(text)
            ?.slice(1)
            .find((group) => group !== undefined);
    return value === undefined ? [] : [{ value, from: { path, line: index + 1 } }];
  });
}

const MAX_LINE_CHARS = 1000;

/** `nginx.conf:12`. */
export function placeText({ path, line }: Place): string {
  return `${path}:${line}`;
}
