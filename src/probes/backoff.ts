/**
 * How long to wait before an attempt to connect (0 is the first), ms: a random part of `firstMs` that doubles with each
 * attempt up to `mostMs`, so that clients that were cut together do not come back together.
 */
export function jitteredBackoff(seed: number, firstMs: number, mostMs: number): (attempt: number) => number {
  let state = seed >>> 0;
  return (attempt) => {
    // The linear congruential generator of Numerical Recipes: enough to spread attempts.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32) * Math.min(mostMs, firstMs * 2 ** attempt);
  };
}
