import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Major versions of PostgreSQL that every label is measured on. */
export const MAJORS = ['15', '18'] as const;

export type Major = (typeof MAJORS)[number];

/** What the author says of a migration; `measure.ts` holds it against what it sees. */
export interface Intended {
  unsafe: boolean;
  why: string;
}

/** One migration with what lives around it. */
export interface Case {
  name: string;
  /** Kept from those who write the rules, so that its score says how they do on what they never saw. */
  holdout: boolean;
  intended: Record<Major, Intended>;
  /** In the large database; `:rows` in the fill. */
  rows: number;
  /** The role that the releases' queries run as; null: the owner of everything. */
  role: string | null;
  /** The tables of the old release, with the few rows that the migration depends on. */
  schema: string;
  /** Makes the tables as large as `:rows` says. */
  fill: string;
  up: string;
  down: string | null;
  oldQueries: string[];
  newQueries: string[];
}

const CASES = fileURLToPath(new URL('cases', import.meta.url));
const SECTIONS = ['schema', 'rows', 'up', 'down', 'old', 'new'];
const ROWS = 400_000;

/** All of them by name, or those named. */
export function readCases(names: readonly string[] = [], dir = CASES): Case[] {
  const all = readdirSync(dir)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => basename(file, '.sql'))
    .sort()
    .map((name) => parseCase(name, readFileSync(join(dir, `${name}.sql`), 'utf8')));
  const unknown = names.find((name) => !all.some((each) => each.name === name));
  if (unknown !== undefined) throw new Error(`no case ${unknown}`);
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

export function parseCase(name: string, text: string): Case {
  const [head = '', ...parts] = text.split(/^--- *(?=\w+ *$)/m);
  const sections = new Map(parts.map((part) => splitOnce(part)));
  for (const section of sections.keys())
    if (!SECTIONS.includes(section)) throw new Error(`${name}: no section is called ${section}`);
  const required = (section: string): string => {
    const found = sections.get(section);
    if (found === undefined) throw new Error(`${name}: the section ${section} is missing`);
    return found;
  };
  const header = headerOf(name, head);
  return {
    name,
    ...header,
    schema: required('schema'),
    fill: required('rows'),
    up: required('up'),
    down: sections.get('down') ?? null,
    oldQueries: queriesOf(required('old')),
    newQueries: queriesOf(sections.get('new') ?? ''),
  };
}

/** They end with a `;` at the end of a line. */
export function queriesOf(section: string): string[] {
  return section
    .split(/;[ \t]*$/m)
    .map((query) => query.trim())
    .filter((query) => query !== '');
}

function splitOnce(part: string): [string, string] {
  const end = part.indexOf('\n');
  return [part.slice(0, end).trim(), `${part.slice(end + 1).trim()}\n`];
}

function headerOf(name: string, head: string): Pick<Case, 'holdout' | 'intended' | 'rows' | 'role'> {
  const intended: Partial<Record<Major, Intended>> = {};
  let holdout = false;
  let rows = ROWS;
  let role: string | null = null;
  for (const line of head.split('\n').filter((each) => each.trim() !== '')) {
    const label = /^-- (unsafe|safe)(?: on (\d+))?: (.+)$/.exec(line);
    const size = /^-- rows: (\d+)$/.exec(line);
    const as = /^-- as: (\w+)$/.exec(line);
    if (label !== null) {
      for (const major of label[2] === undefined ? MAJORS : [label[2] as Major])
        intended[major] = { unsafe: label[1] === 'unsafe', why: label[3]! };
    } else if (size !== null) rows = Number(size[1]);
    else if (as !== null) role = as[1]!;
    else if (line === '-- holdout') holdout = true;
    else if (!line.startsWith('--  ')) throw new Error(`${name}: what is "${line}"?`);
  }
  const missing = MAJORS.find((major) => intended[major] === undefined);
  if (missing !== undefined) throw new Error(`${name}: is it safe on PostgreSQL ${missing}?`);
  return { holdout, intended: intended as Record<Major, Intended>, rows, role };
}
