import { closest, distance } from 'fastest-levenshtein';

/** The known name that was probably meant; null where none is near enough. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (known.length === 0 || word === '') return null;
  const folded = known.find((name) => name.toLowerCase() === word.toLowerCase());
  if (folded !== undefined) return folded;
  const best = closest(word, [...known]);
  const slips = distance(word.toLowerCase(), best.toLowerCase());
  return slips <= slipsIn(best) && slips < word.length ? best : null;
}

/** How many letters of a word may be wrong for it still to be the one that was meant; two swapped ones count as two. */
function slipsIn(word: string): number {
  if (word.length <= 2) return 0;
  if (word.length === 3) return 1;
  return word.length <= 6 ? 2 : 3;
}

/** `; did you mean `X`?` where a known name is near, else nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const best = nearest(word, known);
  return best === null ? '' : `; did you mean \`${best}\`?`;
}

/** `a`, `b` or `c`: the names that may stand here. */
export function oneOf(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** A value as an error shows it: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = String(value).replace(/[\p{Cc}\p{Cf}]/gu, '?');
  return `\`${text.length > 60 ? `${text.slice(0, 60)}...` : text}\``;
}
