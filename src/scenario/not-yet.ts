import type { Path } from './problem.js';

/** Keys that the format knows and this version does not serve, by path; `[]` stands for any index. */
const KEYS: readonly string[] = [
  'outputs.html',
  'outputs.png',
  'outputs.svg',
  'outputs.md',
  'outputs.junit',
  'outputs.metrics',
  'outputs.json',
  'outputs.assets',
  ...['steps[]', 'rollback', 'rollback[]'].map((step) => `${step}.strategy`),
];

/** Names at the top of a scenario that are known but not served. */
export const KEYS_NOT_YET_AT_TOP: readonly string[] = KEYS.filter((key) => !/[.[]/.test(key));

/** What is not yet supported about the key at `path`, as the user wrote it; null where the key is simply unknown. */
export function keyNotYet(path: Path): string | null {
  return KEYS.includes(shapeOf(path)) ? `\`${String(path.at(-1))}\`` : null;
}

function shapeOf(path: Path): string {
  let shape = '';
  for (const part of path) shape += typeof part === 'number' ? '[]' : `${shape === '' ? '' : '.'}${part}`;
  return shape;
}
