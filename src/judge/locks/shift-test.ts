import type { Random } from '../../model/random.js';

const SHIFTS = 999;
/** With fewer places for the windows no p-value is small enough to say anything. */
const LEAST_PLACES = 100;

/**
 * One-sided p-value of a circular-shift test: how often windows of the same lengths and distances, moved along the
 * series by a random number of places, the end joined to the beginning, have a sum as high as where they really are.
 * The series keeps its own ups and downs that way: under a null hypothesis in which it is stationary and the windows lie
 * anywhere in it, each shift is as likely as any other, however much neighbours resemble each other. Random toroidal
 * shifts: Lotwick and Silverman, Journal of the Royal Statistical Society B 44 (1982). The place where they are counts as
 * one draw, so that p is never 0: Phipson and Smyth, Statistical Applications in Genetics and Molecular Biology 9 (2010).
 * Every shift is tried where there are no more than 999. Null where the series is too short, or all or none of it is
 * within the windows.
 */
export function shiftTestP(values: readonly number[], inside: readonly boolean[], random: Random): number | null {
  const count = values.length;
  const runs = runsOf(inside);
  if (count < LEAST_PLACES || runs.length === 0 || runs[0]?.length === count) return null;
  const sums = new Float64Array(2 * count + 1);
  for (let i = 0; i < 2 * count; i++) sums[i + 1] = (sums[i] as number) + (values[i % count] as number);
  const sumAt = (shift: number) =>
    runs.reduce(
      (sum, { from, length }) =>
        sum + (sums[((from + shift) % count) + length] as number) - (sums[(from + shift) % count] as number),
      0,
    );
  const size = values.reduce((sum, value) => sum + Math.abs(value), 0);
  const limit = sumAt(0) - 1e-9 * size;
  const all = count - 1 <= SHIFTS;
  const draws = all ? count - 1 : SHIFTS;
  let extremes = 0;
  for (let draw = 1; draw <= draws; draw++) {
    const shift = all ? draw : 1 + Math.floor(random() * (count - 1));
    if (sumAt(shift) >= limit) extremes++;
  }
  return (extremes + 1) / (draws + 1);
}

/** Places in a row that are inside. */
function runsOf(inside: readonly boolean[]): { from: number; length: number }[] {
  const runs: { from: number; length: number }[] = [];
  inside.forEach((is, place) => {
    if (!is) return;
    if (inside[place - 1] === true) (runs.at(-1) as { length: number }).length++;
    else runs.push({ from: place, length: 1 });
  });
  return runs;
}
