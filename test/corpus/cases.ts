import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { mistakesOf } from './readme.ts';

/** One value, or several that are all right where a race decides. */
const oneOrMore = <T extends z.ZodType>(value: T) =>
  z.union([value, z.array(value).min(1)]).transform((given) => [given].flat() as z.output<T>[]);

const count = z.int().nonnegative();

const countInFile = z
  .strictObject({
    claim: z.string().min(1),
    /** Below ROOT; the last part may have `*`. */
    file: z
      .string()
      .regex(/^[^/*][^*]*[*]?[^/*]*$/, 'a path below ROOT, with one `*` at most and in its last part')
      .refine((path) => !path.split('/').includes('..'), 'a path below ROOT'),
    /** Lines that match this regular expression are counted. */
    match: z.string().min(1).refine(isPattern, 'not a regular expression'),
    exactly: count.optional(),
    atLeast: z.int().positive().optional(),
    atMost: count.optional(),
  })
  .refine(
    ({ exactly, atLeast, atMost }) => (exactly === undefined) === (atLeast !== undefined || atMost !== undefined),
    {
      error: 'either `exactly`, or `atLeast` and `atMost`',
    },
  );

const listenerGap = z
  .strictObject({
    claim: z.string().min(1),
    /** The port PORT + n. */
    listener: z.int().min(0).max(9),
    gapAtLeastMs: z.number().positive().optional(),
    gapAtMostMs: z.number().nonnegative().optional(),
  })
  .refine(({ gapAtLeastMs, gapAtMostMs }) => (gapAtLeastMs === undefined) !== (gapAtMostMs === undefined), {
    error: 'either `gapAtLeastMs` or `gapAtMostMs`',
  });

/** A file below ROOT, without `*`. */
const fileBelowRoot = z
  .string()
  .regex(/^[^/*][^*]*$/, 'a path below ROOT')
  .refine((path) => !path.split('/').includes('..'), 'a path below ROOT');

const blockedTime = z.strictObject({
  claim: z.string().min(1),
  blocked: z
    .strictObject({
      /** Of a PostgreSQL server, with `log_lock_waits`, a small `deadlock_timeout` and a prefix that begins `%m [%p]`. */
      log: fileBelowRoot,
      /** The run's longest wait for a lock, and each stretch in which anybody waited, differ from the log's by no more. */
      withinMs: z.number().positive().optional(),
      /** Limits of the log's longest wait. */
      atLeastMs: z.number().positive().optional(),
      atMostMs: z.number().nonnegative().optional(),
    })
    .refine(({ withinMs, atLeastMs, atMostMs }) => (withinMs ?? atLeastMs ?? atMostMs) !== undefined, {
      error: '`withinMs`, `atLeastMs` or `atMostMs`',
    }),
});

const evidence = z.union([countInFile, listenerGap, blockedTime]);

const oneCase = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
    /** Number in the list of known deploys: B bad, G good, I inconclusive. */
    corpus: z.string().regex(/^[BGI]\d\d$/),
    set: z.record(z.string().regex(/^[A-Za-z_][\w.]*$/), z.string()),
    /** A command below the scenario's folder that starts the run, such as in a network of its own. */
    through: z.array(z.string()).min(1).optional(),
    root: z.boolean().optional(),
    verdict: oneOrMore(z.enum(['zero-downtime', 'downtime', 'inconclusive'])),
    release: oneOrMore(z.enum(['completed', 'rolled-back', 'rollback-failed', 'aborted', 'not-started'])),
    exitCode: oneOrMore(z.int().min(0).max(255)),
    /** Steps in which the first harm may lie; where users met none, the step that ended badly. */
    step: oneOrMore(z.string()).nullish(),
    /** Number of the failure mode that is the cause. */
    mode: z.int().positive().nullish(),
    /** Causes of which one is right, where the number does not say it all. */
    cause: oneOrMore(z.string()).optional(),
    /** Findings that have to be there. */
    finding: oneOrMore(z.string()).nullish(),
    /** One of the run's reasons: that it is inconclusive for this and not for another. */
    reason: z.string().refine(isPattern, 'not a regular expression').optional(),
    /** Among the few that are run on every change. */
    ci: z.boolean().optional(),
    evidence: z.array(evidence).min(1),
  })
  .refine(({ verdict, reason }) => !verdict.includes('inconclusive') || reason !== undefined, {
    error: 'an inconclusive case names its `reason`',
  })
  .refine(({ verdict, step }) => !verdict.includes('downtime') || (step ?? []).length > 0, {
    error: 'a case with downtime names its `step`',
  })
  .refine(({ corpus, verdict }) => corpus.startsWith('G') === (verdict.join() === 'zero-downtime'), {
    error: 'G is for zero downtime, and for nothing else',
  });

export const casesSchema = z.strictObject({
  system: z.string().min(1),
  /** Names that scripts/install-systems knows. */
  needs: z.array(z.string()),
  /** For what packages alone do not bring: the variable that is 1 where it is there, and how it gets there. */
  optIn: z.strictObject({ variable: z.string().regex(/^[A-Z_]+$/), remedy: z.string().min(1) }).optional(),
  root: z.boolean(),
  cases: z.array(oneCase).min(1),
});

export type Evidence = z.output<typeof evidence>;
export type CountInFile = z.output<typeof countInFile>;
export type ListenerGap = z.output<typeof listenerGap>;
export type Blocked = z.output<typeof blockedTime>;
export type Label = z.output<typeof oneCase>;

/** A deploy with known truth. */
export interface Case extends Omit<Label, 'root'> {
  /** SCENARIO/NAME. */
  id: string;
  scenario: string;
  folder: string;
  system: string;
  needs: string[];
  optIn?: z.output<typeof casesSchema>['optIn'];
  root: boolean;
  /** What is done wrong, in the words of the scenario's README. */
  mistake: string;
}

/**
 * The cases below `scenarios` that are named (a scenario, SCENARIO/CASE or a corpus number; all where none is), by
 * scenario and in the order of its file. Files of scenarios that are not meant are not looked at.
 */
export function readCases(scenarios: string, names: readonly string[] = []): Case[] {
  const folders = readdirSync(scenarios, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(scenarios, entry.name, 'cases.json')))
    .map(({ name }) => name)
    .sort();
  const meant = names.map((name) => name.split('/')[0] ?? '');
  const isByFolder = meant.length > 0 && meant.every((name) => folders.includes(name));
  const cases = (isByFolder ? folders.filter((name) => meant.includes(name)) : folders).flatMap((name) =>
    casesOf(join(scenarios, name), name),
  );
  return selectCases(cases, names);
}

function casesOf(folder: string, scenario: string): Case[] {
  const file = join(folder, 'cases.json');
  const parsed = casesSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}\n${z.prettifyError(parsed.error)}`);
  const { system, needs, optIn, root, cases } = parsed.data;
  const mistakes = existsSync(join(folder, 'README.md'))
    ? mistakesOf(readFileSync(join(folder, 'README.md'), 'utf8'))
    : [];
  return cases.map((label) => ({
    ...label,
    id: `${scenario}/${label.name}`,
    scenario,
    folder,
    system,
    needs,
    ...(optIn === undefined ? {} : { optIn }),
    root: label.root ?? root,
    mistake: mistakes.find((row) => sameSettings(row.set, label.set))?.mistake ?? '',
  }));
}

export function sameSettings(a: Record<string, string>, b: Record<string, string>): boolean {
  const sorted = (set: Record<string, string>): string => JSON.stringify(Object.entries(set).sort());
  return sorted(a) === sorted(b);
}

function selectCases(all: readonly Case[], names: readonly string[]): Case[] {
  const matches = (each: Case, name: string): boolean => [each.scenario, each.id, each.corpus].includes(name);
  const unknown = names.filter((name) => !all.some((each) => matches(each, name)));
  if (unknown.length > 0) {
    const scenarios = [...new Set(all.map(({ scenario }) => scenario))];
    throw new Error(`no case is called ${unknown.join(', ')}; scenarios: ${scenarios.join(', ')}`);
  }
  return all.filter((each) => names.length === 0 || names.some((name) => matches(each, name)));
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
