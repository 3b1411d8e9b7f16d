import { resolve } from 'node:path';
import { STEP_KINDS, type StepKind } from '../model/phase.js';
import { parseDuration } from '../model/units.js';
import type { Readiness, ReadinessCheck, Step } from '../steps/step.js';
import { numberOf } from './leaves.js';
import type { Path, Report } from './problem.js';
import { readConstant } from './rates.js';
import { readAbsolute, readRequest } from './requests.js';
import type { CheckedReady, CheckedScenario, CheckedStep } from './schema.js';
import { type Targets, targetNumber } from './targets.js';
import { BASELINE_VERSION } from './template.js';

export const DEFAULT_STEP_TIMEOUT_MS = 600_000;
export const DEFAULT_READY = { consecutive: 3, withinMs: 60_000, intervalMs: 100 } as const;

export interface ReleaseSteps {
  setup: Step[];
  steps: Step[];
  teardown: Step[];
  rollback: Step[];
}

interface Placed {
  input: CheckedStep;
  path: Path;
  kind: StepKind;
  name: string;
}

/** What surrounds the steps in the scenario. */
export interface StepsContext {
  targets: Targets;
  /** Names of the targets in the file itself, also of faulty ones. */
  knownTargets: readonly string[];
  dir: string;
}

/** Reads `steps` and `rollback`, each step put where its kind belongs. */
export function readSteps(scenario: CheckedScenario, context: StepsContext, report: Report): ReleaseSteps {
  const listed = scenario.steps.map((input, index) => place(input, ['steps', index], null, report));
  const { rollback = [] } = scenario;
  const undo = Array.isArray(rollback)
    ? rollback.map((input, index) => place(input, ['rollback', index], 'rollback', report))
    : [place(rollback, ['rollback'], 'rollback', report)];
  const all = [...listed, ...undo];
  checkNames(all, report);
  if (undo.length > 0 && listed.some(({ kind }) => kind === 'rollback')) {
    report(['rollback'], 'the rollback is given twice: here and as a step of kind `rollback`', {
      part: 'key',
      hint: 'keep one',
    });
  }
  const read = all.map((placed) => ({ placed, step: readStep(placed, context, report) }));
  const of = (...kinds: StepKind[]) => read.filter(({ placed }) => kinds.includes(placed.kind)).map(({ step }) => step);
  const release = STEP_KINDS.filter((kind) => kind !== 'setup' && kind !== 'teardown' && kind !== 'rollback');
  const result = { setup: of('setup'), steps: of(...release), teardown: of('teardown'), rollback: of('rollback') };
  if (result.steps.length === 0) {
    report(['steps'], 'no step of the release: setup, teardown and rollback alone change nothing', { part: 'key' });
  }
  for (const { placed } of read) {
    if (placed.input.onFail === 'rollback' && result.rollback.length === 0) {
      report([...placed.path, 'onFail'], 'there is no rollback to run', { hint: 'define `rollback:`' });
    }
  }
  return result;
}

/** The kind a step has: given, else its name where that is a kind, else custom. */
export function kindOf({ name, kind }: Pick<CheckedStep, 'name' | 'kind'>): StepKind {
  return kind ?? STEP_KINDS.find((known) => known === name) ?? 'custom';
}

function place(input: CheckedStep, path: Path, forced: 'rollback' | null, report: Report): Placed {
  const kind = forced ?? kindOf(input);
  if (forced !== null && input.kind !== undefined && input.kind !== forced) {
    report([...path, 'kind'], `a step under \`rollback\` is of kind \`rollback\`, not \`${input.kind}\``, {
      hint: 'leave `kind` out',
    });
  }
  const name = input.name ?? (forced === null ? input.kind : forced);
  if (name === undefined)
    report(path, 'has no `name`', { hint: 'a name of a known kind (`switch`, `reload`, ...) says the kind too' });
  return { input, path, kind, name: name ?? '' };
}

/** Names are those of log files and of selectors. */
const STEP_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]*$/;
const PHASES_OF_OUR_OWN: readonly string[] = ['warmup', 'baseline'];

function checkNames(all: readonly Placed[], report: Report): void {
  const seen = new Set<string>();
  for (const { name, path, input } of all) {
    const at = input.name === undefined ? path : [...path, 'name'];
    if (name === '') continue;
    if (!STEP_NAME.test(name)) {
      report(
        at,
        `\`${name}\` does not do as a name: letters, digits, spaces, \`.\`, \`_\` and \`-\`, a letter or digit first`,
      );
    } else if (PHASES_OF_OUR_OWN.includes(name)) report(at, `\`${name}\` is a phase of every run; choose another name`);
    else if (seen.has(name))
      report(at, `a second step with the name \`${name}\``, { hint: 'give each a name of its own' });
    seen.add(name);
  }
}

function readStep({ input, path, kind, name }: Placed, context: StepsContext, report: Report): Step {
  const { run = null, cwd, env = {}, timeout, ready, hold, rate, onFail = null } = input;
  if (run === null && ready === undefined && hold === undefined) {
    report(path, 'has nothing to do: give `run`, `ready` or `hold`');
  }
  if ((kind === 'setup' || kind === 'teardown') && JSON.stringify(input).includes(BASELINE_VERSION)) {
    report(path, `\`${BASELINE_VERSION}\` is not known to a step of kind \`${kind}\``, { needle: BASELINE_VERSION });
  }
  if (rate !== undefined && (kind === 'setup' || kind === 'teardown')) {
    report([...path, 'rate'], `no traffic runs beside a step of kind \`${kind}\``, { part: 'key' });
  }
  for (const variable of Object.keys(env)) checkVariableName(variable, [...path, 'env', variable], report);
  return {
    name,
    kind,
    run,
    cwd: cwd === undefined ? null : resolve(context.dir, cwd),
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)])),
    timeoutMs: timeout === undefined ? DEFAULT_STEP_TIMEOUT_MS : (parseDuration(timeout) as number),
    ready: ready === undefined ? null : readReadiness(ready, context, [...path, 'ready'], report),
    holdMs: hold === undefined ? null : parseDuration(hold),
    ratePerSec: rate === undefined ? null : readConstant(rate, [...path, 'rate'], report),
    onFail,
  };
}

/** Reads `ready`; in a list, how often and how long is said by one of the checks and holds for all. */
function readReadiness(
  input: CheckedReady | CheckedReady[],
  context: StepsContext,
  path: Path,
  report: Report,
): Readiness {
  const checks = Array.isArray(input) ? input : [input];
  const pathOf = (index: number): Path => (Array.isArray(input) ? [...path, index] : path);
  const told = <T>(key: 'consecutive' | 'within' | 'interval', read: (value: string | number) => T): T | null => {
    let first: T | null = null;
    for (const [index, check] of checks.entries()) {
      const value = check[key];
      if (value === undefined) continue;
      if (first === null) first = read(value);
      else if (read(value) !== first) {
        report([...pathOf(index), key], `\`${key}\` holds for all checks together, and another says otherwise`, {
          hint: 'say it once',
        });
      }
    }
    return first;
  };
  const ms = (value: string | number) => parseDuration(String(value));
  const readiness = {
    checks: checks.map((check, index) => readCheck(check, context, pathOf(index), report)),
    consecutive: told('consecutive', numberOf) ?? DEFAULT_READY.consecutive,
    withinMs: told('within', ms) ?? DEFAULT_READY.withinMs,
    intervalMs: told('interval', ms) ?? DEFAULT_READY.intervalMs,
  };
  return readiness;
}

function readCheck(
  input: CheckedReady,
  { targets, knownTargets }: StepsContext,
  path: Path,
  report: Report,
): ReadinessCheck {
  const absolute = readAbsolute(input, targets.all, path, report);
  if (absolute !== null) {
    if (input.target !== undefined) {
      const hint = 'leave one of them out';
      report([...path, 'target'], 'the check has an absolute URL, which says where it goes', { part: 'key', hint });
    }
    return { ...absolute.request, endpoint: absolute.target?.endpoint ?? null };
  }
  const number = targetNumber(input.target, targets, knownTargets, [...path, 'target'], report);
  const target = targets.all[number] ?? targets.all[0];
  return { ...readRequest(input, target, path, report), endpoint: number === 0 ? null : target.endpoint };
}

/** Names that a shell can export; those of the run itself are taken. */
export function checkVariableName(name: string, path: Path, report: Report): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    report(path, `\`${name}\` is no name of a variable: letters, digits and \`_\`, no digit first`, { part: 'key' });
  } else if (/^ZDD_(?:RUN|BASELINE_VERSION)$/.test(name)) {
    report(path, `\`${name}\` is set by zdd-verify itself; choose another name`, { part: 'key' });
  }
}
