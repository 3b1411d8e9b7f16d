/** Base runs from which on their differences among themselves are known well enough to find a small regression. */
export const ENOUGH_RUNS = 5;

/**
 * Two-sided p-value of a further run's value among those of earlier runs: how probable a value as far from their mean is
 * by what they differ among themselves, t = (x - mean) / (s sqrt(1 + 1/n)) with n - 1 degrees of freedom (the
 * prediction interval of one further normal value; Hahn and Meeker, Statistical Intervals, 1991, 4.7). Values are
 * logarithms of latencies, so that differences are shares. Null for fewer than two earlier runs, which cannot differ.
 */
export function furtherRunP(earlier: readonly number[], further: number): number | null {
  const n = earlier.length;
  if (n < 2) return null;
  const mean = earlier.reduce((sum, value) => sum + value, 0) / n;
  const variance = earlier.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const distance = Math.abs(further - mean);
  if (distance === 0) return 1;
  return studentTail(distance / Math.sqrt(variance * (1 + 1 / n)), n - 1);
}

/** P(|t| >= x) of Student's t with a whole number of degrees of freedom: Abramowitz and Stegun, 26.7.3 and 26.7.4. */
export function studentTail(x: number, degrees: number): number {
  if (x === Number.POSITIVE_INFINITY) return 0;
  const angle = Math.atan(x / Math.sqrt(degrees));
  const cosine2 = Math.cos(angle) ** 2;
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.cos(angle) : 1;
  let sum = 0;
  for (let k = isOdd ? 1 : 0; k < degrees - 1; k += 2) {
    sum += term;
    term *= (cosine2 * (k + 1)) / (k + 2);
  }
  const inside = isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return Math.min(1, Math.max(0, 1 - inside));
}
