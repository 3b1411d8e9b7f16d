import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findProgram } from '../../platform/machine.js';
import { quickLook } from '../../platform/quick-look.js';
import type { Scenario } from '../../scenario/scenario.js';
import { didYouMean } from '../../scenario/suggest.js';
import type { Step } from '../../steps/step.js';
import { type Check, fine, missing, warn } from './check.js';
import { howToGet, packagesOf, SYSTEMS } from './known-programs.js';
import { type Use, usesOf } from './programs.js';
import { surveyScripts } from './scripts.js';
import { checkVersions } from './version-checks.js';

/** Where Debian and others keep programs of the administrator; not on every user's PATH. */
const SBIN = '/usr/sbin:/sbin:/usr/local/sbin';

/** A program that a step starts, itself or by a script. */
interface Need {
  use: Use;
  /** `the step build`, `deploy.sh in the step build`. */
  by: string;
  /** It is started whatever happens: a list of words, or what a script says that it needs. */
  certain: boolean;
  /** The name in scripts/install-systems, where the script says one. */
  system: string | null;
  cwd: string;
  path: string;
  addsSbin: boolean;
}

/** The programs of the steps and of the scripts they call, what the scenario's cases need, and versions worth a word. */
export async function checkPrograms(scenario: Scenario): Promise<Check[]> {
  const checks = new Map<string, Check>();
  const found = new Map<string, string>();
  const modules = new Map<string, string>();
  for (const step of [...scenario.setup, ...scenario.steps, ...scenario.rollback, ...scenario.teardown]) {
    // What is there on another machine shows when the step is run.
    if (step.host !== null) continue;
    for (const need of await needsOf(step, scenario)) {
      const [module, python] = moduleOf(need.use);
      if (module !== null) modules.set(module, python);
      const { check, file } = await checkNeed(need);
      if (file !== null) found.set(need.use.program, file);
      if (check === null) continue;
      const before = checks.get(check.name);
      if (before === undefined || RANK[check.state] > RANK[before.state]) checks.set(check.name, check);
    }
  }
  const systems = await systemsNeeded(scenario.dir);
  if (systems.some((system) => SYSTEMS[system]?.check.includes('gunicorn')))
    modules.set('gunicorn', '/usr/bin/python3');
  return [
    ...checks.values(),
    ...(await checkModules(modules)),
    ...(await checkSystems(systems)),
    ...(await checkVersions(found, modules)),
  ];
}

const RANK = { OK: 0, NOTE: 1, WARN: 2, MISSING: 3 } as const;

async function needsOf(step: Step, scenario: Scenario): Promise<Need[]> {
  const cwd = step.cwd ?? scenario.dir;
  const path = step.env.PATH ?? scenario.vars.PATH ?? process.env.PATH ?? '';
  const place = { cwd, path, addsSbin: false };
  const uses = [...usesOf(step.run), ...evaluated(step).flatMap(usesOf)];
  const {
    uses: inScripts,
    needs,
    addsSbin,
  } = await surveyScripts(uses, {
    cwd,
    path,
    variables: { ...scenario.vars, ...step.env },
  });
  const by = `the step ${step.name}`;
  // A list of words says for certain what it starts; a folder in the name may be made by an earlier step.
  const certain = (use: Use) => Array.isArray(step.run) && !use.program.includes('/');
  return [
    ...uses.map((use) => ({ use, by, certain: certain(use), system: null, ...place })),
    ...inScripts.map(({ script, ...use }) => {
      return { use, by: `${script} in ${by}`, certain: false, system: null, ...place, addsSbin };
    }),
    ...needs.map(({ program, system, script }) => {
      const use = { program, args: [] };
      return { use, by: `${script} in ${by}`, certain: true, system, ...place, addsSbin: true };
    }),
  ];
}

/** `eval "$NGINX"`: what stands in that variable is run too. */
function evaluated({ run, env }: Step): string[] {
  if (typeof run !== 'string') return [];
  return [...run.matchAll(/\beval "\$(\w+)"/g)].flatMap(([, name]) => env[name as string] ?? []);
}

async function checkNeed(need: Need): Promise<{ check: Check | null; file: string | null }> {
  const { use, by, certain, system, cwd, path, addsSbin } = need;
  const { program } = use;
  const name = `program ${program}`;
  const packages = packagesOf(program);
  // Of everyday programs only the missing ones are worth a line.
  const quiet = !certain && packages === null && !program.includes('/');
  const file = await findProgram(program, { cwd, path });
  if (file !== null) return { check: quiet ? null : fine(name, file), file };
  const inSbin = await findProgram(program, { cwd, path: SBIN });
  if (inSbin !== null) {
    if (addsSbin) return { check: quiet ? null : fine(name, inSbin), file: inSbin };
    const fix = `Let the step find it: \`PATH\` under \`vars:\`, or the whole path in the command (${by}).`;
    return { check: warn(name, `${inSbin}, which is not on PATH`, fix), file: inSbin };
  }
  const ways = [
    packages === null ? await fixFor(program, cwd) : howToGet(packages),
    ...(system === null ? [] : [`All that the shipped scenarios need: \`scripts/install-systems --only ${system}\`.`]),
  ];
  if (certain) return { check: missing(name, `not found, needed by ${by}`, ways.join(' ')), file };
  const fix = `${ways.join(' ')} Nothing to do where an earlier step makes it, or where that branch is not taken.`;
  return { check: warn(name, `not found now, needed by ${by}`, fix), file };
}

async function fixFor(program: string, cwd: string): Promise<string> {
  if (!program.includes('/')) return `Install ${program}, or correct PATH.`;
  const isThere = await access(resolve(cwd, program)).then(
    () => true,
    () => false,
  );
  if (isThere) return `It may not be executed: \`chmod +x ${program}\`.`;
  return `Make ${program}, or correct its path (from ${cwd} on).`;
}

const MODULES: readonly string[] = ['gunicorn', 'uvicorn', 'alembic', 'celery', 'rq', 'flask', 'django'];

/** `python3 -m gunicorn`: the module, and the Python that runs it. */
function moduleOf({ program, args }: Use): [module: string | null, python: string] {
  const [flag, module = ''] = args;
  const isModule = /(?:^|\/)python[\d.]*$/.test(program) && flag === '-m' && MODULES.includes(module);
  return [isModule ? module : null, program];
}

async function checkModules(modules: ReadonlyMap<string, string>): Promise<Check[]> {
  const checks = [...modules].map(async ([module, python]): Promise<Check> => {
    const name = `module ${module}`;
    const looked = await quickLook([python, '-c', `import ${module}`], { path: process.env.PATH ?? '' });
    if (looked?.exitCode === 0) return fine(name, `${python} has it`);
    const packages = packagesOf(module === 'django' ? 'django-admin' : module);
    const ways = packages === null ? `${python} -m pip install ${module}` : howToGet(packages);
    return warn(
      name,
      `${python} does not have it`,
      `${ways} Or a virtual environment of the app, with its own Python.`,
    );
  });
  return Promise.all(checks);
}

/** What the cases of a shipped scenario need, by the names of scripts/install-systems. */
async function checkSystems(systems: readonly string[]): Promise<Check[]> {
  const checks = systems.map(async (system): Promise<Check> => {
    const name = `system ${system}`;
    const known = Object.hasOwn(SYSTEMS, system) ? SYSTEMS[system] : undefined;
    if (known === undefined) {
      return warn(name, `unknown${didYouMean(system, Object.keys(SYSTEMS))}`, 'cases.json names it under `needs`.');
    }
    const path = `${process.env.PATH ?? ''}:${SBIN}`;
    const looked = await quickLook(['sh', '-c', known.check], { path });
    if (looked?.exitCode === 0) return fine(name, 'here');
    const fix = `In a clone on Debian or Ubuntu: \`scripts/install-systems --only ${system}\`. By hand: ${howToGet(known)}`;
    return missing(name, 'not here, and the cases of this scenario need it', fix);
  });
  return Promise.all(checks);
}

async function systemsNeeded(dir: string): Promise<string[]> {
  const text = await readFile(join(dir, 'cases.json'), 'utf8').catch(() => '');
  try {
    const { needs } = JSON.parse(text) as { needs?: unknown };
    return Array.isArray(needs) ? needs.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
