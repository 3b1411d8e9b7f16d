import { visible } from './text.js';

/** Names as they are shown, no two alike: of those that are, all but the first are numbered. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const shown = visible(name);
    let own = shown;
    for (let nth = 2; taken.has(own); nth += 1) own = `${shown} (${nth})`;
    taken.add(own);
    return own;
  });
}
