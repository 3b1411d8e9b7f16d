/** Stands where a text was cut. What a cut left of a secret is looked for here, and made unreadable too. */
export const CUT = '…';

/** The first `most` characters of a text, with the mark of a cut behind them; all of it where it has no more. */
export function beginningOf(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}${CUT}`;
}

/** The last `most` characters of a text, with the mark of a cut before them; all of it where it has no more. */
export function endOf(text: string, most: number): string {
  return text.length <= most ? text : `${CUT}${text.slice(-most)}`;
}
