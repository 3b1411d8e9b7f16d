import { formatPath, type Path, type Report } from './problem.js';
import { METHODS } from './schema-requests.js';
import type { SecretLookup } from './secrets.js';
import { isStrategyScript } from './strategies/options.js';
import { didYouMean } from './suggest.js';
import { type Dual, FollowingError, InterpolationError, type Place, Variables } from './variables.js';

export interface Interpolated {
  /** The tree with every value put in. */
  real: unknown;
  /** The same tree as it may be shown: secrets as `${secret:NAME}`, plain `$` escaped. */
  shown: unknown;
  vars: Record<string, string>;
  secrets: string[];
  /** Texts that could not be put together; they stand in the trees as they were written. */
  faulty: Path[];
}

export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  /** Variables given by `--set`. */
  set: ReadonlyMap<string, string>;
  secrets: ReadonlyMap<string, SecretLookup>;
}

const MAX_DEPTH = 64;

/**
 * Puts variables and secrets into every string value of a scenario except shell scripts (commands given as a string),
 * which find the variables in their environment. Pure: what is looked up is handed in.
 */
export function interpolate(tree: unknown, surroundings: Surroundings, report: Report): Interpolated {
  const templates = templatesOf(tree);
  checkSet(tree, templates, surroundings.set, report);
  const variables = new Variables(templates, surroundings.set, surroundings.env, surroundings.secrets);
  const walk = new Walk(variables, report);
  const { real, shown } = walk.value(tree, []);
  const vars: Record<string, string> = {};
  for (const name of templates.keys()) {
    const value = valueFor(variables, name);
    if (value !== null) vars[name] = value.real;
  }
  for (const [name, value] of surroundings.set) vars[name] = value;
  return { real, shown: withSet(shown, surroundings.set), vars, secrets: variables.usedSecrets, faulty: walk.faulty };
}

/** Whether the command at this path is a shell script. */
function isScript(path: Path): boolean {
  if (path[0] === 'strategy') return isStrategyScript(path);
  if (path.at(-1) !== 'run' && path.at(-1) !== 'command') return false;
  return SCRIPTS.test(formatPath(path));
}

const SCRIPTS = /^(?:(?:steps\[\d+\]|rollback(?:\[\d+\])?|on\[\d+\])\.run|require(?:\[\d+\])?\.command)$/;

const IN_REQUEST: readonly unknown[] = [...METHODS, 'headers', 'json', 'body'];

function placeOf(path: Path): Place {
  if (path[0] === 'steps' || path[0] === 'rollback') return 'release';
  return path[0] === 'traffic' && path[1] === 'mix' && IN_REQUEST.includes(path[3]) ? 'mix' : 'other';
}

class Walk {
  readonly faulty: Path[] = [];
  readonly #variables: Variables;
  readonly #report: Report;

  constructor(variables: Variables, report: Report) {
    this.#variables = variables;
    this.#report = report;
  }

  value(value: unknown, path: Path): { real: unknown; shown: unknown } {
    if (typeof value === 'string') return isScript(path) ? this.#script(value, path) : this.#text(value, path);
    if (typeof value !== 'object' || value === null) return { real: value, shown: value };
    if (path.length > MAX_DEPTH) {
      this.#report(path, `nested more than ${MAX_DEPTH} levels deep`);
      return { real: null, shown: null };
    }
    if (Array.isArray(value)) {
      const items = value.map((item, index) => this.value(item, [...path, index]));
      return { real: items.map(({ real }) => real), shown: items.map(({ shown }) => shown) };
    }
    const entries = Object.entries(value).map(([key, item]) => [key, this.value(item, [...path, key])] as const);
    return {
      real: Object.fromEntries(entries.map(([key, { real }]) => [key, real])),
      shown: Object.fromEntries(entries.map(([key, { shown }]) => [key, shown])),
    };
  }

  #text(text: string, path: Path): Dual {
    try {
      const name = path[1];
      if (path.length === 2 && path[0] === 'vars' && typeof name === 'string') return this.#variables.valueOf(name);
      return this.#variables.fill(text, placeOf(path));
    } catch (error) {
      if (!(error instanceof InterpolationError)) throw error;
      this.faulty.push(path);
      if (!(error instanceof FollowingError))
        this.#report(path, error.message, { code: error.code, needle: error.needle, hint: error.fix });
      return { real: text, shown: text };
    }
  }

  /** A script stays as it is; expressions of ours in it would be lost on the shell. */
  #script(text: string, path: Path): Dual {
    const ours = /\$\{(?:secret:[A-Za-z_][A-Za-z0-9_]*|baseline\.version)\}/.exec(text)?.[0];
    if (ours !== undefined) {
      const hint = ours.startsWith('${secret:')
        ? `name it under \`vars:\` (\`TOKEN: "${ours}"\`) and write \`$TOKEN\` here`
        : 'write `$ZDD_BASELINE_VERSION` here';
      this.#report(path, `\`${ours}\` is not put into a shell script, which is run as it stands`, {
        needle: ours,
        hint,
      });
    }
    return { real: text, shown: text };
  }
}

function templatesOf(tree: unknown): Map<string, string> {
  const vars = (tree as { vars?: unknown } | null | undefined)?.vars;
  if (typeof vars !== 'object' || vars === null || Array.isArray(vars)) return new Map();
  const scalars = Object.entries(vars).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return new Map(scalars.map(([name, value]) => [name, String(value)]));
}

/** A fault in a variable was already reported where it stands. */
function valueFor(variables: Variables, name: string): Dual | null {
  try {
    return variables.valueOf(name);
  } catch (error) {
    if (error instanceof InterpolationError) return null;
    throw error;
  }
}

/** A variable that nothing in the scenario speaks of is a slip of the pen. */
function checkSet(
  tree: unknown,
  templates: ReadonlyMap<string, string>,
  set: ReadonlyMap<string, string>,
  report: Report,
): void {
  if (set.size === 0) return;
  const known = new Set(templates.keys());
  for (const [, name] of JSON.stringify(tree ?? null).matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g))
    known.add(name as string);
  for (const name of set.keys()) {
    if (known.has(name)) continue;
    const message = `the scenario knows no variable \`${name}\`${didYouMean(name, [...known])}`;
    report([], message, {
      origin: `--set ${name}`,
      hint: 'declare it under `vars:`, or name a path such as `traffic.rate`',
    });
  }
}

function withSet(shown: unknown, set: ReadonlyMap<string, string>): unknown {
  if (set.size === 0 || typeof shown !== 'object' || shown === null || Array.isArray(shown)) return shown;
  const { vars } = shown as { vars?: unknown };
  const given = Object.fromEntries([...set].map(([name, value]) => [name, value.replaceAll('$', '$$$$')]));
  return { ...shown, vars: { ...(typeof vars === 'object' ? vars : {}), ...given } };
}
