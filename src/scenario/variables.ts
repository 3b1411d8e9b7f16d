import { marked } from './dynamic.js';
import type { SecretLookup } from './secrets.js';
import { didYouMean } from './suggest.js';
import { BASELINE_VERSION, escapeTemplate, type Part, parseTemplate, TemplateError } from './template.js';

/** A text twice: as it is used, and as it may be shown (and loaded again) with every secret by its name. */
export interface Dual {
  real: string;
  shown: string;
}

/** What the place of a text allows beside variables and secrets: the baseline's version, values made for each request. */
export type Place = 'release' | 'mix' | 'other';

/** Why a text could not be put together. */
export class InterpolationError extends Error {
  readonly code: 'VARIABLE_MISSING' | 'SCENARIO_INVALID';
  readonly needle: string;
  readonly fix: string | null;

  constructor(
    code: 'VARIABLE_MISSING' | 'SCENARIO_INVALID',
    message: string,
    needle: string,
    fix: string | null = null,
  ) {
    super(message);
    this.code = code;
    this.needle = needle;
    this.fix = fix;
  }
}

/** The fault lies in a variable that the text refers to, and is told of where that variable stands. */
export class FollowingError extends InterpolationError {}

/** Told of where it was found first, whoever referred to it. */
class CircleError extends InterpolationError {}

/**
 * The values that `${NAME}` may take: `--set` beats `vars` beats the environment. The value of a variable may refer
 * to others and, by its own name, to the environment.
 */
export class Variables {
  readonly #templates: ReadonlyMap<string, string>;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #secrets: ReadonlyMap<string, SecretLookup>;
  readonly #values = new Map<string, Dual>();
  readonly #used = new Set<string>();
  /** Names whose values are being worked out, outermost first. */
  readonly #open: string[] = [];
  /** Circles that were told of: they would be found again from each of their variables. */
  readonly #circles = new Set<string>();

  constructor(
    vars: ReadonlyMap<string, string>,
    set: ReadonlyMap<string, string>,
    env: Readonly<Record<string, string | undefined>>,
    secrets: ReadonlyMap<string, SecretLookup>,
  ) {
    this.#templates = vars;
    this.#env = env;
    this.#secrets = secrets;
    for (const [name, value] of set) this.#values.set(name, { real: value, shown: escapeTemplate(value) });
  }

  /** Values of the secrets that were put in somewhere. */
  get usedSecrets(): string[] {
    return [...this.#used];
  }

  /**
   * Puts everything in but `${baseline.version}` and values made for each request, which stay where the place allows
   * them: the one as it is, the others marked.
   * @throws InterpolationError
   */
  fill(text: string, place: Place): Dual {
    if (!text.includes('$')) return { real: text, shown: text };
    let parts: Part[];
    try {
      parts = parseTemplate(text);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw new InterpolationError('SCENARIO_INVALID', error.message, error.source, error.fix);
    }
    return this.#join(parts, place);
  }

  /**
   * The value of one entry of `vars`.
   * @throws InterpolationError
   */
  valueOf(name: string): Dual {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    this.#open.push(name);
    try {
      const value = this.fill(this.#templates.get(name) as string, 'other');
      this.#values.set(name, value);
      return value;
    } finally {
      this.#open.pop();
    }
  }

  #join(parts: readonly Part[], place: Place): Dual {
    const filled = parts.map((part) => this.#fillPart(part, place));
    return { real: filled.map(({ real }) => real).join(''), shown: filled.map(({ shown }) => shown).join('') };
  }

  #fillPart(part: Part, place: Place): Dual {
    switch (part.kind) {
      case 'text':
        return { real: part.text, shown: escapeTemplate(part.text) };
      case 'secret':
        return this.#secret(part.name, part.source);
      case 'baseline-version':
        if (place === 'release') return { real: BASELINE_VERSION, shown: BASELINE_VERSION };
        throw new InterpolationError(
          'SCENARIO_INVALID',
          `\`${BASELINE_VERSION}\` is known only once the baseline was measured: it may stand in release steps and the rollback`,
          part.source,
          'commands find it as `$ZDD_BASELINE_VERSION`',
        );
      case 'dynamic':
        if (place === 'mix') return { real: marked(part.source.slice(2, -1)), shown: part.source };
        throw new InterpolationError(
          'SCENARIO_INVALID',
          `\`${part.source}\` is made anew for each request: it may stand in the path, headers and body of a flow of the mix`,
          part.source,
        );
      case 'variable':
        return this.#variable(part, place);
    }
  }

  #variable(part: Extract<Part, { kind: 'variable' }>, place: Place): Dual {
    const { operator, word, source } = part;
    const value = this.#lookUp(part);
    const present = value !== null && !(operator?.startsWith(':') === true && value.real === '');
    if (operator === '+' || operator === ':+') return present ? this.#join(word, place) : { real: '', shown: '' };
    if (present) return value;
    if (operator === '-' || operator === ':-') return this.#join(word, place);
    if (operator === null) {
      const known = [...this.#templates.keys()].filter((name) => !this.#open.includes(name));
      const message = `\`${part.name}\` has no value${didYouMean(part.name, known)}`;
      const fix = `set it in the environment, under \`vars:\` or with \`--set ${part.name}=...\`; \`\${${part.name}:-}\` allows none`;
      throw new InterpolationError('VARIABLE_MISSING', message, source, fix);
    }
    const said = this.#join(word, place).shown;
    const message = `\`${part.name}\` has no value${said === '' ? '' : `: ${said}`}`;
    const fix = `set it in the environment or with \`--set ${part.name}=...\``;
    throw new InterpolationError('VARIABLE_MISSING', message, source, fix);
  }

  /** The variable's value; null where nothing gives one. */
  #lookUp({ name, source }: { name: string; source: string }): Dual | null {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const innermost = this.#open.at(-1) === name;
    if (this.#templates.has(name) && !innermost) {
      if (this.#open.includes(name)) throw this.#circle(name, source);
      return this.#referredTo(name);
    }
    const inherited = this.#env[name];
    return inherited === undefined ? null : { real: inherited, shown: escapeTemplate(inherited) };
  }

  #referredTo(name: string): Dual {
    try {
      return this.valueOf(name);
    } catch (error) {
      if (!(error instanceof InterpolationError) || error instanceof CircleError) throw error;
      throw new FollowingError(error.code, error.message, error.needle, error.fix);
    }
  }

  #circle(name: string, source: string): InterpolationError {
    const names = this.#open.slice(this.#open.indexOf(name));
    const message = `variables refer to each other in a circle: ${[...names, name].join(' -> ')}`;
    const key = [...names].sort().join(' ');
    if (this.#circles.has(key)) return new FollowingError('SCENARIO_INVALID', message, source);
    this.#circles.add(key);
    return new CircleError('SCENARIO_INVALID', message, source);
  }

  #secret(name: string, source: string): Dual {
    const found = this.#secrets.get(name);
    if (found === undefined) throw new Error(`secret ${name} was not looked up`);
    if ('problem' in found) {
      throw new InterpolationError(
        found.missing ? 'VARIABLE_MISSING' : 'SCENARIO_INVALID',
        found.problem,
        source,
        `set ${name} to the secret, or ${name}_FILE to the path of a file that holds it`,
      );
    }
    this.#used.add(found.value);
    return { real: found.value, shown: source };
  }
}
