import type { Measured } from './measure.js';
import type { TraceOptions } from './options.js';
import type { Place } from './place.js';
import type { Replay } from './replay.js';

/** Everything that was seen, in the order it was done. */
export interface Traced {
  options: TraceOptions;
  place: Place;
  /** One a size, ascending; the first one is followed by the queries and the way back. */
  runs: Measured[];
  /** Runs that were made again because their times had to be confirmed. */
  repeats: Measured[];
  old: Replayed | null;
  /** Relations that queries of the old release lock; null where that is not known. */
  touched: ReadonlySet<number> | null;
  back: { run: Measured; old: Replayed; new: Replayed } | null;
  /** With rows of ours it failed by their values, without rows it did not. */
  failedByRows: string | null;
  unfilled: string[];
  unseen: string[];
}

export type Replayed = Awaited<ReturnType<Replay['again']>>;
