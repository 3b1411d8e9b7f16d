import type { ObservationEvent, WatchedIds } from '../../model/watch.js';

type IdsEvent = Extract<ObservationEvent, { what: 'ids' }>;

/** Entries that are listed at most: the first ones. */
const KEPT = { again: 5000, told: 5000, gaps: 100 };
/** Runs of numbers: more than that has no log that names every request. */
const RUNS_KEPT = 20_000;

export interface IdsLog {
  event(e: IdsEvent): void;
  ids(): WatchedIds | null;
}

/** Which requests a log named, in memory that does not grow with their number as long as it names them all. */
export function createIdsLog(): IdsLog {
  let ids: WatchedIds | null = null;
  let overflowed = false;
  return {
    event({ at, side, runs, told, untold, mute, gaps }) {
      ids ??= { side, runs: [], again: [], told: [], untold: 0, mute: 0, gaps: [] };
      const known = ids;
      for (const detail of gaps) if (known.gaps.length < KEPT.gaps) known.gaps.push({ at, detail });
      known.mute += mute;
      const room = Math.max(0, KEPT.told - known.told.length);
      known.told.push(...told.slice(0, room));
      known.untold += untold + Math.max(0, told.length - room);
      for (let index = 0; index + 1 < runs.length; index += 2) {
        addRun(known.runs, runs[index] as number, runs[index + 1] as number, (seq) => {
          if (known.again.length < KEPT.again) known.again.push({ seq, at });
          else known.untold += 1;
        });
      }
      if (known.runs.length <= 2 * RUNS_KEPT) return;
      known.runs.length = 2 * RUNS_KEPT;
      if (overflowed) return;
      overflowed = true;
      known.gaps.push({ at, detail: 'it names too few of the requests to keep which' });
    },
    ids: () =>
      ids === null
        ? null
        : {
            ...ids,
            runs: ids.runs.slice(),
            again: ids.again.slice(),
            told: ids.told.slice(),
            gaps: ids.gaps.slice(),
          },
  };
}

/** Adds the numbers from `first` to `last` to ascending runs that do not touch; `onAgain` hears of those that are there. */
export function addRun(runs: number[], first: number, last: number, onAgain: (seq: number) => void): void {
  const begin = firstRunEndingFrom(runs, first - 1);
  let end = begin;
  let [from, to] = [first, last];
  while (end < runs.length && (runs[end] as number) <= last + 1) {
    const [start, stop] = [runs[end] as number, runs[end + 1] as number];
    for (let seq = Math.max(start, first); seq <= Math.min(stop, last); seq += 1) onAgain(seq);
    from = Math.min(from, start);
    to = Math.max(to, stop);
    end += 2;
  }
  runs.splice(begin, end - begin, from, to);
}

/** Index of the first run that ends at `seq` or later. */
function firstRunEndingFrom(runs: readonly number[], seq: number): number {
  let low = 0;
  let high = runs.length / 2;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((runs[2 * middle + 1] as number) < seq) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}
