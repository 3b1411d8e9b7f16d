/**
 * Something that speaks for a cause, or against it. Weights add up like logarithms of likelihood ratios (naive Bayes,
 * with ratios set by hand): 1 is "somewhat more often seen with this cause than with another", 3 "hardly ever without it".
 */
export interface Sign {
  /** What was seen, as a sentence's part for a reader: `connections were refused`. */
  text: string;
  /** Null where the record does not say. */
  holds: boolean | null;
  weight: number;
  /** What its absence takes away. */
  against: number;
}

/** `against`: what its absence takes away, where that is not as much as its presence gives. */
export function sign(holds: boolean | null, weight: number, text: string, against = weight): Sign {
  return { text, holds, weight, against };
}

/** Without it the cause is out of the question. */
export function must(holds: boolean, text: string, weight = 1): Sign {
  return { text, holds, weight, against: Number.POSITIVE_INFINITY };
}

/** Sum of what speaks for a cause less what speaks against it; minus infinity where it is out of the question. */
export function weightOf(signs: readonly Sign[]): number {
  return signs.reduce((sum, { holds, weight, against }) => sum + (holds === null ? 0 : holds ? weight : -against), 0);
}
