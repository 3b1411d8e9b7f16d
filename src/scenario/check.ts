import type { z } from 'zod';
import { executorOfK6, keyOfK6 } from './k6.js';
import { keyNotYet } from './not-yet.js';
import { formatPath, isWithin, type Path, type Report } from './problem.js';
import { keysAt } from './schema.js';
import { didYouMean, nearest, oneOf } from './suggest.js';

type Issue = z.core.$ZodIssue;

export interface Checked<T> {
  value: T;
  /** Parts that are not as they were written: whatever is said about them was said already. */
  pruned: Path[];
  /** Where a path of `value` stands in what was checked: entries that fell out of a list have shifted the others. */
  original(path: Path): Path;
}

export interface CheckOptions {
  /** Paths about which something was said already. */
  ignore?: readonly Path[];
  /** Values, by path, that stand in for required parts that are missing or wrong. */
  standIns?: Readonly<Record<string, unknown>>;
}

/**
 * Holds a value against a schema and reports everything that is wrong with it. Returns what can still be looked at:
 * the value without its faulty parts, so that one mistake does not hide the others; null where too little is left.
 */
export function check<T extends z.ZodType>(
  schema: T,
  value: unknown,
  report: Report,
  { ignore = [], standIns = {} }: CheckOptions = {},
): Checked<z.output<T>> | null {
  const pruned: Path[] = [];
  const cutter = new Cutter(standIns);
  let rest = value;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = schema.safeParse(rest);
    const original = (path: Path) => cutter.original(rest, path);
    if (result.success) return { value: result.data, pruned, original };
    const issues = result.error.issues.flatMap((issue) => specific(issue, []));
    if (round === 0) {
      const meant = misspelled(schema, issues, value);
      pruned.push(...meant);
      for (const issue of issues)
        if (!meant.some((path) => isSame(path, issue))) describe(schema, issue, value, report, ignore);
    }
    const cuts = issues.flatMap((issue) => faulty(issue, rest, round > 0, standIns)).sort(deepestAndLastFirst);
    if (cuts.length > MAX_CUTS || cuts.some((path) => path.length === 0)) return null;
    pruned.push(...cuts.map(original));
    for (const path of cuts) rest = cutter.cut(rest, path, path, round > 0);
  }
  return null;
}

/** A part that falls away may take its parent with it, and so on up. */
const MAX_ROUNDS = 12;
/** What has more faults than this is no scenario with a few slips. */
const MAX_CUTS = 500;

/** An issue of a union is that of the alternative the value was meant for, if that can be told. */
function specific(issue: Issue, prefix: Path): Issue[] {
  const path = [...prefix, ...(issue.path as Path)];
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((issues) =>
      issues.every((each) => each.path.length > 0 || !WRONG_KIND.includes(each.code)),
    );
    if (meant !== undefined && meant.length > 0) return meant.flatMap((each) => specific(each, path));
  }
  return [{ ...issue, path: [...path] }];
}

/** The missing keys that unknown ones were most likely meant to be: those are named with what was meant. */
function misspelled(schema: z.ZodType, issues: readonly Issue[], root: unknown): Path[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [];
    const parent = issue.path as Path;
    const meant = issue.keys.map((key) => nearest(key, keysAt(schema, parent))).filter((key) => key !== null);
    return meant.map((key) => [...parent, key]).filter((path) => valueAt(root, path) === undefined);
  });
}

function isSame(path: Path, issue: Issue): boolean {
  return issue.code !== 'unrecognized_keys' && formatPath(path) === formatPath(issue.path as Path);
}

const WRONG_KIND: readonly string[] = ['invalid_type', 'invalid_union', 'invalid_value'];

function describe(schema: z.ZodType, issue: Issue, root: unknown, report: Report, ignore: readonly Path[]): void {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) describeKey(schema, path, key, report);
    return;
  }
  if (ignore.some((each) => isWithin(path, each))) return;
  const value = valueAt(root, path);
  const closed = executorOfK6(path, value);
  if (closed !== null) report(path, closed.message, { hint: closed.hint });
  else if (value === undefined && !issue.message.startsWith('is missing')) {
    report(path, `is missing: ${issue.message.replace(/, got nothing$/, '')}`, { part: 'key' });
  } else report(path, issue.message);
}

function describeKey(schema: z.ZodType, parent: Path, key: string, report: Report): void {
  const path = [...parent, key];
  const later = keyNotYet(path);
  if (later !== null) {
    report(path, notYet(later), { code: 'NOT_SUPPORTED', part: 'key' });
    return;
  }
  const foreign = keyOfK6(path);
  if (foreign !== null) {
    report(path, foreign.message, { part: 'key', hint: foreign.hint });
    return;
  }
  const known = keysAt(schema, parent);
  const meant = didYouMean(key, known);
  report(path, `unknown key \`${key}\`${meant}`, {
    part: 'key',
    hint: meant === '' ? `known here: ${oneOf(known)}` : null,
  });
}

function notYet(what: string): string {
  return `${what} is not yet supported by this version`;
}

/** What must go for the rest to stand: the value; where it is gone already and was required, its parent. */
function faulty(issue: Issue, root: unknown, again: boolean, standIns: Readonly<Record<string, unknown>>): Path[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...path, key]);
  const isGone = again && valueAt(root, path) === undefined && !Object.hasOwn(standIns, formatPath(path));
  return [isGone ? path.slice(0, -1) : path];
}

/** So that a cut does not move what is cut next. */
function deepestAndLastFirst(a: Path, b: Path): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const [left, right] = [a[index], b[index]];
    if (typeof left === 'number' && typeof right === 'number' && left !== right) return right - left;
    if (left !== right) return String(left) < String(right) ? -1 : 1;
  }
  return b.length - a.length;
}

/** Takes parts out of plain data, and remembers which entries of a list are left. */
class Cutter {
  readonly #indexes = new WeakMap<object, number[]>();
  readonly #standIns: Readonly<Record<string, unknown>>;

  constructor(standIns: Readonly<Record<string, unknown>>) {
    this.#standIns = standIns;
  }

  cut(node: unknown, path: Path, whole: Path, mayStandIn: boolean): unknown {
    const [part, ...rest] = path;
    if (part === undefined || typeof node !== 'object' || node === null) return node;
    const indexes = Array.isArray(node) ? (this.#indexes.get(node) ?? [...node.keys()]) : [];
    if (Array.isArray(node)) {
      const left =
        rest.length > 0
          ? node.map((item, index) => (index === part ? this.cut(item, rest, whole, mayStandIn) : item))
          : node.filter((_, index) => index !== part);
      this.#indexes.set(left, rest.length > 0 ? indexes : indexes.filter((_, index) => index !== part));
      return left;
    }
    const standIn = formatPath(whole);
    if (rest.length === 0 && mayStandIn && Object.hasOwn(this.#standIns, standIn)) {
      return { ...node, [part]: this.#standIns[standIn] };
    }
    const entries = Object.entries(node).filter(([key]) => key !== part || rest.length > 0);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, key === part ? this.cut(item, rest, whole, mayStandIn) : item]),
    );
  }

  original(root: unknown, path: Path): Path {
    let node = root;
    return path.map((part) => {
      const here = Array.isArray(node) && typeof part === 'number' ? (this.#indexes.get(node)?.[part] ?? part) : part;
      node = valueAt(node, [part]);
      return here;
    });
  }
}

/** The value at a path of plain data; undefined where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
