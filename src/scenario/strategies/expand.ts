import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { Interpolated } from '../interpolate.js';
import type { Path, Report } from '../problem.js';
import { BASELINE_VERSION, escapeTemplate } from '../template.js';
import { STRATEGIES } from './registry.js';
import type { Expansion, Strategy, Surroundings, VersionPlace } from './strategy.js';

/** A scenario whose strategy was written out. */
export interface Expanded {
  real: unknown;
  shown: unknown;
  /** Where a path of the trees stands in the file: at the strategy, for what came of it; null for what stands in. */
  sourceOf(path: Path): Path | null;
  /** Where a path of the file stands in the trees. */
  expandedOf(path: Path): Path;
  /** Worth a word, and no mistake. */
  notes: string[];
}

type Mapping = Record<string, unknown>;

/**
 * Writes a strategy out: its steps, rollback, watchers and thresholds beside what the scenario says itself. A step of the
 * user's with the name of an expanded one takes its place; others stand where their kind belongs. The user's rollback,
 * and thresholds of the same name, take the place of the strategy's. Whatever the options are, faulty ones too, the
 * result has the names that a scenario may speak of; `strategy` stays in it, to be checked with the rest.
 */
export function expandStrategy(filled: Interpolated, report: Report): Expanded {
  const tree = filled.real;
  if (!isMapping(tree) || tree.strategy === undefined) return unchanged(filled);
  const named = nameOf(tree.strategy);
  if (named === null) return tree.steps === undefined ? withSteps(filled) : unchanged(filled);
  const { strategy, options } = named;
  const around = surroundings(tree);
  const at = ['strategy', strategy.name];
  if (isMapping(tree.strategy) && Object.keys(tree.strategy).length > 1) {
    report(['strategy'], `names ${Object.keys(tree.strategy).length} strategies: a scenario has one`);
  }
  findSecrets(options, valueIn(filled.shown, at), at, report);
  const parsed = strategy.options.safeParse(options);
  let sound = parsed.success;
  if (parsed.success) {
    strategy.check(parsed.data as never, (option, message, hint) => {
      sound = false;
      report([...at, option], message, { hint: hint ?? null });
    });
  }
  // With faulty options others stand in: what is said of the rest needs the names of the steps.
  const expansion = strategy.expand((sound ? parsed.data : presetOptions(strategy)) as never, around);
  return merge(filled, { name: strategy.name, options, expansion, sound, notes: notesOf(strategy, around) });
}

/** The kinds in the order of a release. */
const ORDER = ['setup', 'build', 'migrate', 'warm', 'switch', 'reload', 'verify', 'custom', 'rollback', 'teardown'];

interface Written {
  name: string;
  options: unknown;
  expansion: Expansion;
  /** Whether it came of the user's options. */
  sound: boolean;
  notes: string[];
}

function merge(filled: Interpolated, { name, options, expansion, sound, notes }: Written): Expanded {
  const real = filled.real as Mapping;
  const shown = filled.shown as Mapping;
  const steps = mergeSteps(expansion.steps as unknown as Mapping[], real.steps);
  const watch = mergeLists(expansion.watch, real.watch);
  const ownRollback = real.rollback !== undefined || listOf(real.steps).some((step) => kindOf(step) === 'rollback');
  const write = (tree: Mapping, form: (value: unknown) => unknown): Mapping => ({
    ...tree,
    strategy: { [name]: options, ...(isMapping(tree.strategy) ? tree.strategy : {}) },
    ...(steps === null ? {} : { steps: fill(steps, expansion.steps, tree.steps, form) }),
    ...(ownRollback ? {} : { rollback: form(expansion.rollback) }),
    ...(watch === null || watch.length === 0 ? {} : { watch: fill(watch, expansion.watch, tree.watch, form) }),
    // The report names what is released.
    ...(tree.release === undefined ? { release: { name: form(mappingOf(options).release) } } : {}),
    ...(Object.keys(expansion.thresholds).length === 0 || (tree.thresholds !== undefined && !isMapping(tree.thresholds))
      ? {}
      : { thresholds: { ...(form(expansion.thresholds) as Mapping), ...(tree.thresholds as Mapping) } }),
  });
  const lists: Record<string, Place[] | null> = { steps, watch };
  return {
    real: write(real, (value) => value),
    shown: write(shown, (value) => escaped(value, null)),
    notes,
    sourceOf: (path) => {
      const [top, second, ...rest] = path;
      const place = typeof second === 'number' ? lists[top as string]?.[second] : undefined;
      if (place?.own !== undefined) return [top as string, place.own, ...rest];
      const isOurs =
        place !== undefined ||
        (top === 'rollback' && !ownRollback) ||
        (top === 'release' && real.release === undefined) ||
        (top === 'thresholds' && second !== undefined && !Object.hasOwn(mappingOf(real.thresholds), second));
      if (!isOurs) return path;
      return sound ? ['strategy', name] : null;
    },
    expandedOf: (path) => {
      const [top, second, ...rest] = path;
      const found = lists[top as string]?.findIndex(({ own }) => own === second) ?? -1;
      return found < 0 ? path : [top as string, found, ...rest];
    },
  };
}

/** One entry of a merged list: an entry of the user's, or one of the strategy's. */
type Place = { own: number; ours?: undefined } | { own?: undefined; ours: number };

/** Null where the user's is no list: what is wrong with it is said elsewhere. */
function mergeSteps(ours: readonly Mapping[], given: unknown): Place[] | null {
  if (given !== undefined && !Array.isArray(given)) return null;
  const own = listOf(given);
  const places: { place: Place; rank: number }[] = ours.map((step, index) => {
    const replaced = own.findIndex((each) => nameOfStep(each) === step.name);
    return { place: replaced < 0 ? { ours: index } : { own: replaced }, rank: rankOf(step) };
  });
  for (const [index, step] of own.entries()) {
    if (places.some(({ place }) => place.own === index)) continue;
    const rank = rankOf(step);
    const later = places.findIndex((each) => each.rank > rank);
    places.splice(later < 0 ? places.length : later, 0, { place: { own: index }, rank });
  }
  return places.map(({ place }) => place);
}

function mergeLists(ours: readonly Mapping[], given: unknown): Place[] | null {
  if (given !== undefined && !Array.isArray(given)) return null;
  const own = listOf(given);
  const news = ours.flatMap((entry, index) =>
    own.some((each) => isDeepStrictEqual(each, entry)) ? [] : [{ ours: index }],
  );
  return [...news, ...own.map((_, index) => ({ own: index }))];
}

function fill(
  places: readonly Place[],
  ours: readonly unknown[],
  own: unknown,
  form: (value: unknown) => unknown,
): unknown[] {
  return places.map((place) => (place.own === undefined ? form(ours[place.ours]) : listOf(own)[place.own]));
}

function rankOf(step: unknown): number {
  return ORDER.indexOf(kindOf(step));
}

function kindOf(step: unknown): string {
  const { kind, name } = mappingOf(step);
  if (typeof kind === 'string' && ORDER.includes(kind)) return kind;
  return typeof name === 'string' && ORDER.includes(name) ? name : 'custom';
}

function nameOfStep(step: unknown): unknown {
  const { kind, name } = mappingOf(step);
  return name ?? kind;
}

/** The strategy that is named, and its options; null where none is: the schema says what is wrong. */
function nameOf(given: unknown): { strategy: Strategy; options: unknown } | null {
  const name = typeof given === 'string' ? given : Object.keys(mappingOf(given))[0];
  const strategy = STRATEGIES.find((each) => each.name === name);
  if (strategy === undefined) return null;
  return { strategy, options: typeof given === 'string' ? {} : mappingOf(given)[strategy.name] };
}

function surroundings({ target, targets }: Mapping): Surroundings {
  const main = isMapping(target) ? target : mappingOf(Object.values(mappingOf(targets))[0]);
  const { header, json, body } = mappingOf(main.version);
  const place: VersionPlace = { header: textOf(header), json: textOf(json), body: textOf(body) };
  return { version: Object.values(place).some((each) => each !== undefined) ? place : null };
}

function notesOf({ name }: Strategy, { version }: Surroundings): string[] {
  if (version !== null) return [];
  return [
    `strategy ${name}: without \`target.version\` no gate asks for the version: an answer of the old release counts as ready`,
  ];
}

/** What comes of an option may be shown in many places; scripts find secrets in their environment. */
function findSecrets(real: unknown, shown: unknown, path: Path, report: Report): void {
  if (typeof real === 'string' && typeof shown === 'string') {
    if (shown.includes('${secret:') && shown !== real) {
      const hint = 'name the secret under `vars:`; scripts find it in their environment';
      report(path, 'a secret does not belong in the options of a strategy', { hint });
    }
  } else if (Array.isArray(real)) {
    for (const [index, each] of real.entries()) findSecrets(each, listOf(shown)[index], [...path, index], report);
  } else if (isMapping(real)) {
    for (const [key, each] of Object.entries(real)) findSecrets(each, mappingOf(shown)[key], [...path, key], report);
  }
}

/** In the form of a scenario file every `$` is a plain one, but in shell scripts and for the baseline's version. */
function escaped(value: unknown, key: string | null): unknown {
  if (typeof value === 'string') {
    return key === 'run' ? value : value.split(BASELINE_VERSION).map(escapeTemplate).join(BASELINE_VERSION);
  }
  if (Array.isArray(value)) return value.map((item) => escaped(item, key));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, escaped(item, name)]));
}

/** The options of the preset with the values that its variables have by default. */
function presetOptions({ preset }: Strategy): unknown {
  const values: Record<string, string> = { RELEASE: 'v2', ...preset.vars };
  const text = preset.options.replace(/\$\{(\w+)\}/g, (_, name: string) =>
    (values[name] ?? '').replace(/^\$\{\w+:-(.*)\}$/, '$1'),
  );
  return parse(text);
}

/** Of an unknown strategy nobody knows the steps: that there are none is not the fault. */
function withSteps({ real, shown }: Interpolated): Expanded {
  const steps = [{ name: 'step', run: 'true' }];
  return {
    ...unchanged({ real: { ...mappingOf(real), steps }, shown }),
    sourceOf: (path) => (path[0] === 'steps' ? null : path),
  };
}

function unchanged({ real, shown }: Pick<Interpolated, 'real' | 'shown'>): Expanded {
  return { real, shown, notes: [], sourceOf: (path) => path, expandedOf: (path) => path };
}

function valueIn(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => mappingOf(value)[part], root);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mappingOf(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
