import { dirname } from 'node:path';
import { PROBES } from '../model/probe.js';
import { buildScenario } from './build.js';
import { check, valueAt } from './check.js';
import { readable } from './dynamic.js';
import { effectiveScenario } from './effective.js';
import { type Files, readFiles } from './files.js';
import { type Interpolated, interpolate } from './interpolate.js';
import { type MigrationFiles, readMigrationFiles } from './migration-files.js';
import { KEYS_NOT_YET_AT_TOP } from './not-yet.js';
import { applySet } from './overrides.js';
import { isWithin, type Path, type Problem, problemAt, type Report, ScenarioError } from './problem.js';
import { createRedactor, redactStrings } from './redact.js';
import type { Scenario } from './scenario.js';
import { keysAt, scenarioSchema } from './schema.js';
import { readSecrets, secretNames } from './secrets.js';
import { readSource, type Source } from './source.js';
import { kindOf } from './steps.js';
import { type Expanded, expandStrategy } from './strategies/expand.js';
import { flowName, rateNotes } from './traffic.js';

/** `notes` are worth a word, and no mistakes. */
export type LoadedScenario = Scenario & { notes: string[] };

export interface LoadOptions {
  /** `NAME=value` or `path.to.field=value`, in order. */
  set?: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads a scenario file (YAML, JSON or a module) and makes it ready to run: `--set`, variables and secrets put in,
 * everything checked, defaults filled in.
 * @throws ZddError SCENARIO_UNREADABLE, or a ScenarioError with every problem and its place; its code is
 * VARIABLE_MISSING, NOT_SUPPORTED or WRITES_NOT_ALLOWED where that is all that is wrong, else SCENARIO_INVALID.
 */
export async function loadScenario(
  path: string,
  { set = [], env = process.env }: LoadOptions = {},
): Promise<LoadedScenario> {
  const source = await readSource(path);
  const problems: Problem[] = [];
  let more = 0;
  const add = (problem: Problem, origins: Origins) => {
    if (problems.length < MAX_PROBLEMS) problems.push(located(problem, source, origins));
    else more += 1;
  };
  const topLevel = [...keysAt(scenarioSchema, []), ...KEYS_NOT_YET_AT_TOP];
  const overridden = applySet(source.value, set, topLevel, (at, message, rest) =>
    add(problemAt(at, message, rest), []),
  );
  const report: Report = (at, message, rest) => add(problemAt(at, message, rest), overridden.origins);
  const secrets = await readSecrets(secretNames(overridden.tree), env);
  const filled = interpolate(overridden.tree, { env, set: overridden.set, secrets }, report);
  const redact = createRedactor(filled.secrets);
  const expanded = expandStrategy(filled, report);
  const built = await checkAndBuild(source, filled, expanded, report, problems);
  if (built !== null && problems.length === 0) {
    const effective = redactStrings(effectiveScenario(expanded.shown, built), redact);
    return { ...built, effective, notes: [...expanded.notes, ...rateNotes(built)] };
  }
  // A value in a message may be one of a secret.
  const shown = problems.map((each) => {
    const plain = (text: string) => redact(readable(text));
    return { ...each, message: plain(each.message), hint: each.hint === null ? null : plain(each.hint) };
  });
  throw new ScenarioError(source.display, shown, source.lines, more);
}

type Origins = readonly { path: Path; origin: string }[];

/** So many are shown; the others are counted. */
const MAX_PROBLEMS = 200;

async function checkAndBuild(
  source: Source,
  filled: Interpolated,
  { real, sourceOf, expandedOf }: Expanded,
  report: Report,
  problems: readonly Problem[],
): Promise<Omit<Scenario, 'effective'> | null> {
  const faulty = [...filled.faulty, ...problems.map((problem) => problem.path).filter((at) => at.length > 0)];
  const first: Report = (at, message, rest) => {
    const place = sourceOf(at);
    if (place !== null) report(place, message, rest);
  };
  const checked = check(scenarioSchema, real, first, { ignore: faulty.map(expandedOf), standIns: STAND_INS });
  if (checked === null) return null;
  const said = [...faulty, ...checked.pruned.map(sourceOf).filter((at) => at !== null)];
  const later: Report = (at, message, rest) => {
    const original = sourceOf(checked.original(at));
    if (original === null) return;
    // What is wrong around or below a part that fell away may be no more than the gap it left.
    if (!said.some((each) => isWithin(original, each) || isWithin(each, original))) report(original, message, rest);
  };
  const dir = dirname(source.file);
  const read = {
    files: await readFiles(checked.value, dir),
    migrationFiles: await readMigrationFiles(checked.value, dir),
  };
  return buildScenario(checked.value, contextOf(source, { ...filled, real }, sourceOf, read), later);
}

/** Stand in for required parts that are missing, so that the rest is still looked at; nothing of them is reported. */
const STAND_INS: Readonly<Record<string, unknown>> = {
  version: 1,
  name: 'scenario',
  'target.url': 'http://localhost',
  traffic: { rate: '100/s', mix: [{ get: '/' }] },
  'traffic.mix': [{ get: '/' }],
  steps: [{ name: 'step', run: 'true' }],
};

function contextOf(
  source: Source,
  filled: Interpolated,
  sourceOf: Expanded['sourceOf'],
  read: { files: Files; migrationFiles: MigrationFiles },
) {
  const steps = stepsIn(filled.real);
  return {
    file: source.file,
    sha256: source.sha256,
    vars: filled.vars,
    secrets: filled.secrets,
    ...read,
    known: {
      steps: steps.filter(({ judged }) => judged).map(({ name }) => name),
      flows: flowsIn(filled.real),
      probes: PROBES.filter((probe) => keysIn(filled.real, 'probes').includes(probe)),
      targets: keysIn(filled.real, 'targets'),
      hosts: keysIn(filled.real, 'hosts'),
    },
    hasRollback: valueAt(filled.real, ['rollback']) !== undefined || steps.some(({ kind }) => kind === 'rollback'),
    sourceOf: (path: Path) => {
      const place = sourceOf(path);
      const location = place === null ? null : source.locate(place, 'value', null);
      return location === null ? null : { file: source.file, line: location.line };
    },
  };
}

/** The steps that the file names, also those with faults; traffic does not run beside setup and teardown. */
function stepsIn(tree: unknown): { name: string; kind: string; judged: boolean }[] {
  const undo = valueAt(tree, ['rollback']);
  const under = (steps: unknown, kind: string | null) =>
    (Array.isArray(steps) ? steps : [steps]).filter(isMapping).map((step) => {
      const given = { name: textOf(step.name), kind: textOf(step.kind) };
      const its = kind ?? kindOf(given as Parameters<typeof kindOf>[0]);
      return { name: given.name ?? its, kind: its, judged: its !== 'setup' && its !== 'teardown' };
    });
  return [...under(valueAt(tree, ['steps']), null), ...under(undo, 'rollback')];
}

function flowsIn(tree: unknown): string[] {
  const mix = valueAt(tree, ['traffic', 'mix']);
  return (Array.isArray(mix) ? mix : [])
    .filter(isMapping)
    .map((flow) => flowName(flow as Parameters<typeof flowName>[0]));
}

function keysIn(tree: unknown, key: string): string[] {
  const value = valueAt(tree, [key]);
  return isMapping(value) ? Object.keys(value) : [];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Says where a problem stands: in the file, or in the `--set` that put the value there. */
function located(problem: Problem, source: Source, origins: Origins): Problem {
  if (problem.origin !== null) return problem;
  const set = origins.findLast(({ path }) => isWithin(problem.path, path) || isNewKey(problem, path));
  if (set !== undefined) return { ...problem, origin: set.origin };
  const location = source.locate(problem.path, problem.part, problem.needle);
  return { ...problem, location };
}

/** An unknown key that a `--set` of something below it has made. */
function isNewKey(problem: Problem, path: Path): boolean {
  return problem.part === 'key' && isWithin(path, problem.path);
}
