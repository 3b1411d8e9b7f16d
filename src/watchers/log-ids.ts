import type { ToldRequest } from '../model/watch.js';
import { readIdLine } from './log-ids-line.js';
import type { IdsPlan } from './plan.js';
import type { WatchContext } from './watcher.js';

/** What was seen is on record after this long: a run that is killed loses no more. */
const FLUSH_MS = 1000;
/** Numbers that wait at most. */
const WAITING = 20_000;
/** Lines that say more, which are put on record in all; beyond that they are counted. */
const TOLD_IN_ALL = 5000;
/** Characters that a line is held against. */
const MATCHED_CHARS = 4000;

/** Keeps which requests of the traffic a log names: of each a number in a run of them. */
export interface IdReader {
  line(text: string): void;
  /** Lines may have been missed. */
  gap(detail: string): void;
  /** Puts on record what is due, or (at the end) all. */
  flush(isLast?: boolean): void;
}

export function createIdReader(
  { side, match }: IdsPlan,
  { record, clock }: Pick<WatchContext, 'record' | 'clock'>,
): IdReader {
  const pattern = match === null ? null : new RegExp(match.source, match.flags.replace(/[gy]/g, ''));
  let seqs: number[] = [];
  let told: ToldRequest[] = [];
  let untold = 0;
  let mute = 0;
  let toldInAll = 0;
  let gaps: string[] = [];
  let flushedAt = Number.NEGATIVE_INFINITY;

  const put = (): void => {
    record({ what: 'ids', side, runs: runsOf(seqs), told, untold, mute, gaps });
    seqs = [];
    told = [];
    untold = 0;
    mute = 0;
    gaps = [];
    flushedAt = clock.now();
  };

  return {
    line(text) {
      if (pattern !== null && !pattern.test(text.slice(0, MATCHED_CHARS))) return;
      const found = readIdLine(text);
      if (found === null) return;
      seqs.push(found.seq);
      if (found.isMute) mute += 1;
      if (found.told !== null && toldInAll >= TOLD_IN_ALL) untold += 1;
      else if (found.told !== null) {
        told.push({ ...found.told, at: clock.now() });
        toldInAll += 1;
      }
      if (seqs.length >= WAITING) put();
    },
    gap(detail) {
      if (!gaps.includes(detail)) gaps.push(detail);
    },
    flush(isLast = false) {
      const isEmpty = seqs.length === 0 && gaps.length === 0;
      // The first one says that the log is read for requests at all.
      if (flushedAt === Number.NEGATIVE_INFINITY || (!isEmpty && (isLast || clock.now() - flushedAt >= FLUSH_MS)))
        put();
    },
  };
}

/** Numbers as runs `first, last`; one that is there twice is in two of them. */
export function runsOf(seqs: readonly number[]): number[] {
  const runs: number[] = [];
  for (const seq of seqs.toSorted((a, b) => a - b)) {
    if (runs.at(-1) === seq - 1) runs[runs.length - 1] = seq;
    else runs.push(seq, seq);
  }
  return runs;
}
