import { ZddError } from '../model/errors.js';
import { formatPath, type Path, type Report } from './problem.js';
import { didYouMean } from './suggest.js';
import { isTextAt } from './yaml-source.js';

export interface Overridden {
  tree: unknown;
  /** Variables given by `--set NAME=value`. */
  set: Map<string, string>;
  /** Which `--set` stands behind a path, for messages. */
  origins: { path: Path; origin: string }[];
}

/**
 * Applies `--set` entries. `a.b[0].c=value` and `topLevelKey=value` change the scenario at that path, the value read
 * as a YAML scalar would be: a number only where it is written as numbers are (not `1.10`) and the format wants no text
 * there, true, false, else text. Anything else sets a variable.
 * @throws ZddError USAGE where an entry has no `=`
 */
export function applySet(
  tree: unknown,
  entries: readonly string[],
  topLevel: readonly string[],
  report: Report,
): Overridden {
  const result: Overridden = { tree, set: new Map(), origins: [] };
  for (const entry of entries) {
    const equals = entry.indexOf('=');
    if (equals < 1) {
      throw new ZddError('USAGE', '`--set` needs NAME=value', {
        hint: 'for example `--set RELEASE=abc123` or `--set traffic.rate=50/s`',
      });
    }
    const key = entry.slice(0, equals);
    const value = entry.slice(equals + 1);
    const origin = `--set ${key}`;
    const path = pathOf(key);
    const first = path?.[0];
    if (path !== null && first !== undefined && (path.length > 1 || topLevel.includes(String(first)))) {
      if (!topLevel.includes(String(first))) {
        report([], `a scenario has no \`${first}\`${didYouMean(String(first), topLevel)}`, { origin });
      } else if (path.length === 2 && first === 'vars') {
        result.set.set(String(path[1]), value);
        result.tree = setAt(result.tree, path, 0, value, (message) => report([], message, { origin }));
      } else {
        const keys = path.filter((part) => typeof part === 'string');
        const scalar = isTextAt(keys) ? value : scalarOf(value);
        result.tree = setAt(result.tree, path, 0, scalar, (message) => report([], message, { origin }));
        result.origins.push({ path, origin });
      }
    } else if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) result.set.set(key, value);
    else report([], `\`${key}\` is neither a variable's name nor a path of the scenario`, { origin });
  }
  return result;
}

/** `traffic.mix[1].weight` as its parts; null where it is no path. */
function pathOf(key: string): Path | null {
  if (!/^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d{1,4}\])*$/.test(key)) return null;
  return [...key.matchAll(/[A-Za-z_][\w-]*|\d+/g)].map(([part]) => (/^\d/.test(part) ? Number(part) : part));
}

function scalarOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d{1,15}(?:\.\d+)?$/.test(text) && String(Number(text)) === text ? Number(text) : text;
}

function setAt(node: unknown, path: Path, depth: number, value: unknown, refuse: (message: string) => void): unknown {
  const part = path[depth];
  if (part === undefined) return value;
  if (typeof part === 'number') {
    if (!Array.isArray(node) || part >= node.length) {
      refuse(`\`${formatPath(path.slice(0, depth))}\` has no item ${part} (they count from 0)`);
      return node;
    }
    return node.map((item, index) => (index === part ? setAt(item, path, depth + 1, value, refuse) : item));
  }
  if (node !== undefined && node !== null && (typeof node !== 'object' || Array.isArray(node))) {
    if (depth > 0) refuse(`\`${formatPath(path.slice(0, depth))}\` is not a mapping`);
    return node;
  }
  const mapping = (node ?? {}) as Record<string, unknown>;
  const child = Object.hasOwn(mapping, part) ? mapping[part] : undefined;
  return { ...mapping, [part]: setAt(child, path, depth + 1, value, refuse) };
}
