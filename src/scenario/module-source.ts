import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import { messageOf } from '../model/errors.js';
import { type Path, type Problem, problemAt } from './problem.js';
import type { SourceText } from './source-text.js';

const MAX_DEPTH = 64;

/** Runs a scenario that is a module and takes the data of its default export. */
export async function loadModule(file: string): Promise<SourceText> {
  const problems: Problem[] = [];
  let value: unknown;
  try {
    const jiti = createJiti(import.meta.url, {
      moduleCache: false,
      fsCache: false,
      interopDefault: false,
      alias: { 'zdd-verify': DEFINE },
    });
    const loaded: unknown = await jiti.import(file);
    const exported = (loaded as { default?: unknown } | null | undefined)?.default;
    if (exported === undefined) {
      problems.push(problemAt([], 'has no default export', { hint: 'write `export default defineScenario({ ... })`' }));
    } else value = toData(exported, [], problems, []);
  } catch (error) {
    problems.push(problemAt([], `cannot be loaded: ${messageOf(error)}${frameOf(error, file)}`));
  }
  return { value, problems, lines: [], locate: () => null };
}

/** A scenario finds `defineScenario` under the package's name also where the package is not installed beside it. */
const DEFINE = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './define.ts' : './define.js', import.meta.url));

/** Plain data of what a module exports; what a scenario cannot hold is a problem, not a surprise later. */
function toData(value: unknown, path: Path, problems: Problem[], above: readonly unknown[]): unknown {
  if (value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)) return value;
  // `$$` is a plain `$` to the interpolation that follows.
  if (value instanceof RegExp) return String(value).replaceAll('$', '$$$$');
  const refuse = (what: string): undefined => {
    problems.push(problemAt(path, `${what} is not data a scenario can hold`));
  };
  if (typeof value !== 'object') return refuse(`a ${typeof value}`);
  if (above.includes(value)) return refuse('an object that contains itself');
  if (above.length > MAX_DEPTH) return refuse(`nesting of more than ${MAX_DEPTH} levels`);
  const inside = [...above, value];
  if (Array.isArray(value)) return value.map((item, index) => toData(item, [...path, index], problems, inside));
  const prototype: unknown = Object.getPrototypeOf(value);
  // Another realm's Object.prototype has no prototype of its own either.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return refuse(
      `an instance of ${(prototype as { constructor?: { name?: string } }).constructor?.name ?? 'a class'}`,
    );
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, toData(item, [...path, key], problems, inside)]));
}

/** The place in the module where it threw. */
function frameOf(error: unknown, file: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.split('\n').find((line) => line.includes(file));
  const place = at === undefined ? null : /:(\d+):(\d+)\)?$/.exec(at);
  return place === null ? '' : ` (at ${place[1]}:${place[2]})`;
}
