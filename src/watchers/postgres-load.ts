/** How many sessions waited for locks, and for how long one did, second by second. */
export interface Load {
  /** Those that wait at `now` have done so since. */
  look(now: number, since: readonly number[]): void;
  /** Of the looks since the last call: most that waited at once, and the time in which one waited, ms. */
  second(): { waiting: number; blockedMs: number };
  /** What happens until the next look is not known. */
  lost(): void;
}

export function createLoad(): Load {
  let waiting = 0;
  let blockedMs = 0;
  /** Up to here it is counted. */
  let until: number | null = null;
  let waited = false;
  return {
    look(now, since) {
      waiting = Math.max(waiting, since.length);
      const from = until ?? now;
      if (since.length > 0) blockedMs += now - (waited ? from : Math.max(from, Math.min(...since)));
      // It was over at some time between the looks.
      else if (waited) blockedMs += (now - from) / 2;
      waited = since.length > 0;
      until = now;
    },
    second() {
      const found = { waiting, blockedMs: Math.round(blockedMs * 1000) / 1000 };
      waiting = 0;
      blockedMs = 0;
      return found;
    },
    lost() {
      until = null;
      waited = false;
    },
  };
}
