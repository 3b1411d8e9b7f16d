import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Ways to read `{a,b}` in one pattern, and entries of folders that are looked at, at most. */
const MAX_ALTERNATIVES = 200;
const MAX_ENTRIES = 100_000;
const NATURAL = new Intl.Collator('en', { numeric: true });

/**
 * Paths of files as a pattern has them: `*` and `?` within a name, `**` for folders in between, `{a,b}` for either.
 * From `dir` on, where it is not absolute. Names that begin with a dot are found where the pattern says the dot. Once
 * each: those of `a` before those of `b`, and otherwise in natural order, `V2` before `V10`.
 * @throws where it would take too long.
 */
export async function filesLike(pattern: string, dir: string): Promise<string[]> {
  const all = new Set<string>();
  const budget = { entries: MAX_ENTRIES };
  for (const one of alternatives(pattern)) {
    const isAbsolute = one.startsWith('/');
    const parts = one.split('/').filter((part) => part !== '' && part !== '.');
    const found = new Set<string>();
    await walk({ root: isAbsolute ? '/' : dir, prefix: isAbsolute ? '/' : '', parts, found, budget });
    for (const path of [...found].sort((a, b) => NATURAL.compare(a, b) || (a < b ? -1 : 1))) all.add(path);
  }
  return [...all];
}

/** The texts that `{a,b}` stands for; braces without a comma, or without an end, stand for themselves. */
export function alternatives(pattern: string): string[] {
  const texts: string[] = [];
  const open = [pattern];
  while (open.length > 0) {
    const text = open.shift() as string;
    const inner = innermost(text);
    if (inner === null) texts.push(text);
    else open.unshift(...inner.options.map((option) => text.slice(0, inner.from) + option + text.slice(inner.to)));
    if (texts.length + open.length > MAX_ALTERNATIVES) throw new Error('stands for too many patterns');
  }
  return [...new Set(texts)];
}

/** The first `{a,b}` with no other one in it. */
function innermost(text: string): { from: number; to: number; options: string[] } | null {
  const match = /\{([^{}]*,[^{}]*)\}/.exec(text);
  if (match === null) return null;
  return { from: match.index, to: match.index + match[0].length, options: (match[1] as string).split(',') };
}

interface Walk {
  /** The folder to look in, and how the pattern names it. */
  root: string;
  prefix: string;
  /** The rest of the pattern. */
  parts: readonly string[];
  found: Set<string>;
  budget: { entries: number };
}

async function walk({ root, prefix, parts, found, budget }: Walk): Promise<void> {
  const [part, ...rest] = parts;
  if (part === undefined) return;
  const into = (name: string, left: readonly string[]): Promise<void> =>
    walk({ root: resolve(root, name), prefix: joined(prefix, name), parts: left, found, budget });
  if (part !== '**' && !/[*?]/.test(part)) {
    if (rest.length > 0) await into(part, rest);
    else if (await isFile(resolve(root, part))) found.add(joined(prefix, part));
    return;
  }
  // `a/**` is everything below.
  const left = part === '**' && rest.length === 0 ? ['*'] : rest;
  if (part === '**') await walk({ root, prefix, parts: left, found, budget });
  const name = part === '**' ? /^[^.]/ : nameLike(part);
  for (const entry of await entriesOf(root)) {
    budget.entries -= 1;
    if (budget.entries < 0) throw new Error(`looks at more than ${MAX_ENTRIES} entries of folders`);
    if (!name.test(entry.name)) continue;
    // What a link leads to; but `**` follows none, which might lead up.
    if (part === '**') {
      if (entry.isDirectory() && entry.name !== 'node_modules') await into(entry.name, parts);
    } else if (rest.length > 0) await into(entry.name, rest);
    else if (await isFile(join(root, entry.name))) found.add(joined(prefix, entry.name));
  }
}

/** A name of a pattern as a regular expression; a dot in front is never what `*` stands for. */
function nameLike(part: string): RegExp {
  const text = part
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${/^[*?]/.test(part) ? '(?!\\.)' : ''}${text}$`, 'su');
}

function joined(prefix: string, name: string): string {
  return prefix === '' || prefix.endsWith('/') ? `${prefix}${name}` : `${prefix}/${name}`;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}
