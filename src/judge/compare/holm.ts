/**
 * Adjusted p-values: rejecting those below `a` keeps the probability of any false rejection in the whole list at `a`,
 * however the tests depend on each other. Holm: A simple sequentially rejective multiple test procedure, Scandinavian
 * Journal of Statistics 6 (1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const adjusted = pValues.map(() => 1);
  let highest = 0;
  order.forEach((index, rank) => {
    highest = Math.max(highest, Math.min(1, (pValues.length - rank) * (pValues[index] as number)));
    adjusted[index] = highest;
  });
  return adjusted;
}
