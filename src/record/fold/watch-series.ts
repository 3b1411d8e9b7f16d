import type { WatchedSeries } from '../../model/watch.js';

/** Points of one series that are kept; twice as many are joined in pairs. */
const POINTS_KEPT = 600;

/** Adds a value to a series. Values come in order of their time. */
export function addPoint(series: WatchedSeries, at: number, value: number): void {
  const before = series.points.at(-1);
  // A counter that begins again at 0 has risen by what it shows.
  const increase = before === undefined ? 0 : value >= before.last ? value - before.last : value;
  series.points.push({ from: at, at, min: value, max: value, last: value, increase });
  if (series.points.length >= 2 * POINTS_KEPT) series.points = joined(series.points);
}

function joined(points: WatchedSeries['points']): WatchedSeries['points'] {
  const pairs: WatchedSeries['points'] = [];
  for (let index = 0; index < points.length; index += 2) {
    const [a, b] = [points[index], points[index + 1]];
    if (a === undefined) continue;
    pairs.push(
      b === undefined
        ? a
        : {
            from: a.from,
            at: b.at,
            min: Math.min(a.min, b.min),
            max: Math.max(a.max, b.max),
            last: b.last,
            increase: a.increase + b.increase,
          },
    );
  }
  return pairs;
}
