import { type ErrorCode, ZddError } from '../model/errors.js';

/** Keys and indexes from the top of the scenario down to a value. */
export type Path = readonly (string | number)[];

/** Something a scenario says that cannot be run, and where it says it. */
export interface Problem {
  code: ErrorCode;
  path: Path;
  /** Whether the fault is the key itself (unknown, misplaced) or its value. */
  part: 'key' | 'value';
  /** What is wrong and what was expected, one sentence. */
  message: string;
  /** What to write instead; null where the message says it all. */
  hint: string | null;
  /** Text inside the value that the caret should point at; null for the whole of it. */
  needle: string | null;
  /** Where in the text; null for a scenario that is a module or a command line. */
  location: Location | null;
  /** What stands in place of a location: `--set traffic.rate`, or the file alone; null where the path is enough. */
  origin: string | null;
}

/** A place in a text file; line and column count from 1. */
export interface Location {
  line: number;
  column: number;
  length: number;
}

/** How a check says that something is wrong. */
export type Report = (path: Path, message: string, more?: Partial<Omit<Problem, 'path' | 'message'>>) => void;

/** Makes a problem; the parts that are not given take their usual values. */
export function problemAt(path: Path, message: string, more: Partial<Problem> = {}): Problem {
  return {
    code: 'SCENARIO_INVALID',
    part: 'value',
    hint: null,
    needle: null,
    location: null,
    origin: null,
    ...more,
    path,
    message,
  };
}

/** Every problem of one scenario, in one error whose message shows all of them. */
export class ScenarioError extends ZddError {
  readonly file: string;
  readonly problems: readonly Problem[];

  /** `more` problems were found beside these. */
  constructor(file: string, problems: readonly Problem[], lines: readonly string[], more = 0) {
    const sorted = [...problems].sort(byPlace);
    super(codeOf(sorted), describeProblems(file, sorted, lines, more));
    this.file = file;
    this.problems = sorted;
  }
}

/** A path as people write it: `traffic.mix[1].weight`, `thresholds["latency{step:migrate}"]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** Whether `path` is `parent` or lies below it. */
export function isWithin(path: Path, parent: Path): boolean {
  return path.length >= parent.length && parent.every((part, index) => part === path[index]);
}

function byPlace(a: Problem, b: Problem): number {
  if (a.location === null || b.location === null) return Number(a.location === null) - Number(b.location === null);
  return a.location.line - b.location.line || a.location.column - b.location.column;
}

/** The one code all problems share, else that of an invalid scenario. */
function codeOf(problems: readonly Problem[]): ErrorCode {
  const codes = new Set(problems.map((problem) => problem.code));
  return codes.size === 1 ? ([...codes][0] as ErrorCode) : 'SCENARIO_INVALID';
}

function describeProblems(file: string, problems: readonly Problem[], lines: readonly string[], more: number): string {
  const count = problems.length + more;
  const head = `${count === 1 ? '1 problem' : `${count} problems`} in ${file}`;
  const tail = more === 0 ? [] : [`... and ${more} more`];
  return [head, ...problems.map((problem) => describeProblem(file, problem, lines)), ...tail].join('\n\n');
}

function describeProblem(file: string, problem: Problem, lines: readonly string[]): string {
  const { location, origin, hint } = problem;
  const path = formatPath(problem.path);
  const where = location === null ? (origin ?? file) : `${file}:${location.line}:${location.column}`;
  const subject = path === '' || where === path ? where : `${where}: ${path}`;
  const text = [`${subject}: ${problem.message}`];
  if (location !== null) text.push(...excerpt(location, lines));
  if (hint !== null) text.push(`  fix: ${hint}`);
  return text.join('\n');
}

const EXCERPT_CHARS = 120;

/** The source line with a caret below; long lines are cut around it, and nothing in them moves a cursor. */
function excerpt({ line, column, length }: Location, lines: readonly string[]): string[] {
  const source = (lines[line - 1] ?? '').replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '?');
  const from = source.length <= EXCERPT_CHARS ? 0 : Math.max(0, column - 1 - EXCERPT_CHARS / 2);
  const shown = source.slice(from, from + EXCERPT_CHARS);
  const before = column - 1 - from;
  const carets = Math.max(1, Math.min(length, shown.length - before));
  const gutter = String(line).padStart(5);
  return [`${gutter} | ${shown}`, `${' '.repeat(gutter.length)} | ${' '.repeat(before)}${'^'.repeat(carets)}`];
}
