import type { Threshold } from '../../model/threshold.js';
import { formatMs } from '../../model/units.js';
import { APART, type WatchedPoint, type WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import type { Scope } from '../scope.js';
import { blindWithin } from '../watch.js';
import { compared, type Evaluate, silent } from './metric.js';

/**
 * What a watcher measured. `max`, `min` and `avg` are over all its series; `last` and `rate` (the rise of a counter in a
 * second, which may begin again at 0) are their sum. A value that is not there is no value, and passes nothing.
 */
export const evaluateWatched: Evaluate = (threshold, m, scope) => {
  const { name } = threshold.selector;
  const watch = watcherCalled(m.run.watchers, name);
  if (watch === undefined) return silent(`nothing called ${name} was watched`);
  const measured = measureIn(watch, threshold, m, scope);
  if (typeof measured === 'string') return silent(measured);
  const baseline = (): number | null => {
    const before = measureIn(watch, threshold, m, m.baseline);
    return typeof before === 'string' ? null : before;
  };
  const reading = compared(threshold, measured, baseline);
  // A limit that was crossed was crossed, whatever else was not seen.
  const unseen = reading.ok === true ? unseenIn(watch, threshold, m, scope) : null;
  return unseen === null ? reading : { ...reading, ok: null, note: unseen };
};

/** A watcher with the values that a name stands for: its own, or one of those that have a name of their own. */
function watcherCalled(watchers: readonly WatchRun[], name: string | undefined): WatchRun | undefined {
  for (const watch of watchers) {
    const apart = APART[watch.kind] ?? [];
    const own = apart.find((subject) => name === `${watch.name}/${subject}`);
    if (own === undefined && watch.name !== name) continue;
    const isMeant = (subject: string) => (own === undefined ? !apart.includes(subject) : subject === own);
    return { ...watch, values: watch.values.filter(({ subject }) => isMeant(subject)) };
  }
  return undefined;
}

/** The value in a scope; why there is none. */
function measureIn(watch: WatchRun, { aggregate }: Threshold, m: Measure, scope: Scope): number | string {
  const { from, to } = spanOf(m, scope);
  const series = watch.values.map(({ points }) => points);
  const within = series.map((points) => points.filter(({ at }) => at >= from && at <= to));
  const all = within.flat();
  if (all.length === 0) return noValue(watch);
  switch (aggregate) {
    case 'max':
      return Math.max(...all.map(({ max }) => max));
    case 'min':
      return Math.min(...all.map(({ min }) => min));
    case 'avg':
      return all.reduce((sum, { last }) => sum + last, 0) / all.length;
    case 'last':
      return within.reduce((sum, points) => sum + (points.at(-1)?.last ?? 0), 0);
    case 'rate':
      return rateOf(series, from, to) ?? 'there were not two values to tell a rate from';
    default:
      return 'what is watched has `rate`, `max`, `min`, `avg` and `last`';
  }
}

/** The rise of all series together, per second, from the last value before the span on. */
function rateOf(series: readonly WatchedPoint[][], from: number, to: number): number | null {
  let increase = 0;
  let began = Number.POSITIVE_INFINITY;
  let ended = Number.NEGATIVE_INFINITY;
  for (const points of series) {
    points.forEach((point, index) => {
      const before = points[index - 1];
      if (point.at <= from || point.at > to || before === undefined) return;
      increase += point.increase;
      began = Math.min(began, before.at);
      ended = Math.max(ended, point.at);
    });
  }
  return ended > began ? (increase * 1000) / (ended - began) : null;
}

/** Why a limit that holds for what was seen may not hold for all; null where it does. */
function unseenIn(watch: WatchRun, { aggregate }: Threshold, m: Measure, scope: Scope): string | null {
  const { from, to } = spanOf(m, scope);
  if (watch.dropped > 0) return `${watch.name} has more values than were kept`;
  // A counter and its last value tell of the time in which it was not asked, once it is asked again.
  const isSum = aggregate === 'rate' || aggregate === 'last';
  const blind = isSum ? blindWithin(watch, to - 1, to) : blindWithin(watch, from, to);
  const [first] = blind;
  if (first === undefined) return null;
  const ms = blind.reduce((sum, time) => sum + Math.min(to, time.to ?? to) - Math.max(from, time.from), 0);
  return `${watch.name} was not seen for ${formatMs(ms)} of it: ${first.detail}`;
}

function noValue({ name, blind }: WatchRun): string {
  const why = blind.at(-1)?.detail ?? '';
  return `there was no value of ${name}${why === '' ? '' : `: ${why}`}`;
}

function spanOf({ run }: Measure, { phases }: Scope): { from: number; to: number } {
  const all = phases.flatMap((index) => run.phases[index] ?? []);
  return { from: all[0]?.startAt ?? 0, to: all.at(-1)?.endAt ?? 0 };
}
