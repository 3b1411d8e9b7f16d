import type { Path } from './problem.js';

/** Keys that the format knows and this version does not serve, by path; `[]` stands for any index. */
const KEYS: readonly string[] = [
  'hosts',
  'watch',
  'on',
  'strategy',
  'outputs.html',
  'outputs.png',
  'outputs.svg',
  'outputs.md',
  'outputs.junit',
  'outputs.metrics',
  'outputs.json',
  'outputs.assets',
  ...['steps[]', 'rollback', 'rollback[]'].flatMap((step) =>
    ['wait', 'within', 'on', 'strategy'].map((key) => `${step}.${key}`),
  ),
];

/** Values that the format knows and this version does not serve. */
const VALUES: Readonly<Record<string, (value: unknown) => boolean>> = {
  'steps[].hold': isUntil,
  'rollback.hold': isUntil,
  'rollback[].hold': isUntil,
};

/** Names at the top of a scenario that are known but not served. */
export const KEYS_NOT_YET_AT_TOP: readonly string[] = KEYS.filter((key) => !/[.[]/.test(key));

/** What is not yet supported about the key at `path`, as the user wrote it; null where the key is simply unknown. */
export function keyNotYet(path: Path): string | null {
  return KEYS.includes(shapeOf(path)) ? `\`${String(path.at(-1))}\`` : null;
}

/** What is not yet supported about the value at `path`; null where it is simply wrong. */
export function valueNotYet(path: Path, value: unknown): string | null {
  const shape = shapeOf(path);
  if (!Object.hasOwn(VALUES, shape) || VALUES[shape]?.(value) !== true) return null;
  return `\`${String(path.at(-1))}: { until }\``;
}

function isUntil(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'until' in value;
}

function shapeOf(path: Path): string {
  let shape = '';
  for (const part of path) shape += typeof part === 'number' ? '[]' : `${shape === '' ? '' : '.'}${part}`;
  return shape;
}
