import { resolve } from 'node:path';
import { STEP_KINDS, type StepKind } from '../model/phase.js';
import { parseDuration } from '../model/units.js';
import type { Step } from '../steps/step.js';
import { needsBaselineVersion } from './baseline-version.js';
import { holdMsOf, readHoldUntil } from './holds.js';
import { type Hosts, hostNamed } from './hosts-ssh.js';
import type { MigrationFiles } from './migration-files.js';
import { readMigrations } from './migrations.js';
import type { Path, Report } from './problem.js';
import { readConstant } from './rates.js';
import { readReadiness } from './readiness.js';
import type { CheckedScenario, CheckedStep } from './schema.js';
import type { Targets } from './targets.js';
import { BASELINE_VERSION } from './template.js';
import { readWait } from './wait.js';

export const DEFAULT_STEP_TIMEOUT_MS = 600_000;

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
  hosts: Hosts;
  /** Names of the flows in the file itself, also of faulty ones. */
  knownFlows: readonly string[];
  /** The mix, whose first reading flow is asked for the version. */
  mix: CheckedScenario['traffic']['mix'];
  dir: string;
  /** The SQL that steps name. */
  migrationFiles: MigrationFiles;
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
  if (context.targets.version.plan === null) {
    const needing = read.find(({ step }) => !AROUND.includes(step.kind) && needsBaselineVersion(step));
    if (needing !== undefined) {
      const { path, name } = needing.placed;
      report(path, `\`${name}\` needs the version of the baseline, and the target declares none`, {
        needle: BASELINE_VERSION,
        hint: 'say how it is read: `target: { version: { header: x-release } }`',
      });
    }
  }
  for (const placed of all) checkOnFail(placed, result.rollback.length > 0, report);
  return result;
}

/** Beside them there is no traffic. */
const AROUND: readonly StepKind[] = ['setup', 'teardown'];

/** What a step's failure leads to can be said where there is a choice. */
function checkOnFail({ input: { onFail }, path, kind }: Placed, hasRollback: boolean, report: Report): void {
  if (onFail === undefined) return;
  const at = [...path, 'onFail'];
  if (kind === 'setup' || kind === 'teardown') {
    const follows = kind === 'setup' ? 'ends the run before the release' : 'is recorded, and the teardown goes on';
    report(at, `a step of kind \`${kind}\` that fails ${follows}`, { part: 'key', hint: 'leave `onFail` out' });
  } else if (kind === 'rollback' && onFail !== 'continue') {
    report(at, `a step of the rollback that fails ends it: \`${onFail}\` is no choice there`, {
      hint: 'leave `onFail` out, or write `continue` where the next steps are to be run all the same',
    });
  } else if (onFail === 'rollback' && !hasRollback) {
    report(at, 'there is no rollback to run', { hint: 'define `rollback:`' });
  }
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
  const { run = null, on, cwd, env = {}, timeout, ready, wait, hold, rate, onFail = null } = input;
  if (run === null && ready === undefined && wait === undefined && hold === undefined) {
    report(path, 'has nothing to do: give `run`, `ready`, `wait` or `hold`');
  }
  const host = hostNamed(on, context.hosts, [...path, 'on'], report);
  if (on !== undefined && run === null) {
    report([...path, 'on'], 'there is no command to run on a host', {
      part: 'key',
      hint: 'give `run`, or leave `on` out',
    });
  }
  checkWait(input, path, report);
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
    host,
    cwd: cwd === undefined ? null : on === undefined ? resolve(context.dir, cwd) : cwd,
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)])),
    timeoutMs: timeout === undefined ? DEFAULT_STEP_TIMEOUT_MS : (parseDuration(timeout) as number),
    ready:
      wait !== undefined
        ? readWait(input, context, path, report)
        : ready === undefined
          ? null
          : readReadiness(ready, context, [...path, 'ready'], report),
    holdMs: holdMsOf(hold),
    holdUntil: readHoldUntil(hold, context, [...path, 'hold'], report),
    ratePerSec: rate === undefined ? null : readConstant(rate, [...path, 'rate'], report),
    migrations: readMigrations(input.migrations, context.migrationFiles, [...path, 'migrations'], report),
    onFail,
  };
}

/** What `wait` goes with, and what it does not. */
function checkWait({ run, ready, wait, within }: CheckedStep, path: Path, report: Report): void {
  if (wait === undefined && within !== undefined) {
    const hint = ready === undefined ? 'say what is waited for: `wait: { version: ... }`' : 'write it in `ready`';
    report([...path, 'within'], '`within` goes with `wait`', { part: 'key', hint });
  }
  if (wait === undefined) return;
  if (run !== undefined) {
    const message = '`wait` is for a step without a command, where something else deploys';
    report([...path, 'wait'], message, { part: 'key', hint: 'write `ready`, or leave `run` out' });
  }
  if (ready !== undefined) {
    report([...path, 'ready'], 'a step has `wait` or `ready`, not both', {
      part: 'key',
      hint: 'put the checks into `wait`',
    });
  }
}

/** What commands and hooks are told by the run. */
const RESERVED: readonly string[] = [
  'RUN',
  'BASELINE_VERSION',
  'EVENT',
  'VERDICT',
  'RELEASE',
  'EXIT_CODE',
  'REPORT',
  'HEADLINE',
  'RUNBOOK',
].map((name) => `ZDD_${name}`);

/** Names that a shell can export; those of the run itself are taken. */
export function checkVariableName(name: string, path: Path, report: Report): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    report(path, `\`${name}\` is no name of a variable: letters, digits and \`_\`, no digit first`, { part: 'key' });
  } else if (RESERVED.includes(name)) {
    report(path, `\`${name}\` is set by zdd-verify itself; choose another name`, { part: 'key' });
  }
}
