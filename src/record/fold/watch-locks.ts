import type { LockWait, ObservationEvent, WatchedLocks } from '../../model/watch.js';

type Of<What> = Extract<ObservationEvent, { what: What }>;
export type LockEvent = Of<'lock-wait' | 'lock-wait-ended' | 'lock-looks'>;

/** Entries that are listed at most: the first ones. */
const KEPT = { waits: 5000, looks: 10_000 };

export interface LockLog {
  event(e: LockEvent): void;
  locks(): WatchedLocks | null;
}

/** Waits for locks from their first sight to their end. Null where nobody looked for them. */
export function createLockLog(): LockLog {
  const waits: LockWait[] = [];
  const open = new Map<string, LockWait>();
  const looks: WatchedLocks['looks'] = [];
  let dropped = 0;
  let any = false;

  const began = ({ type: _, what: __, watch: ___, at, ...begun }: Of<'lock-wait'>): void => {
    const key = `${begun.pid} ${begun.since}`;
    const known = open.get(key);
    if (known !== undefined) {
      Object.assign(known, begun);
      known.seenAt = Math.max(known.seenAt, at);
      return;
    }
    if (waits.length >= KEPT.waits) {
      dropped += 1;
      return;
    }
    const wait = { ...begun, endAt: null, endErrorMs: 0, seenAt: Math.max(begun.since, at) };
    open.set(key, wait);
    waits.push(wait);
  };

  const ended = ({ pid, since, seenAt, goneAt }: Of<'lock-wait-ended'>): void => {
    const key = `${pid} ${since}`;
    const known = open.get(key);
    if (known === undefined) return;
    open.delete(key);
    known.seenAt = Math.max(known.since, seenAt);
    if (goneAt === null) return;
    // It ended at some time between the two looks.
    known.endAt = Math.max(known.seenAt, (known.seenAt + goneAt) / 2);
    known.endErrorMs = Math.max(0, goneAt - known.seenAt) / 2;
  };

  const looked = ({ at, gapMs, dropped: more }: Of<'lock-looks'>): void => {
    dropped += more;
    const last = looks.at(-1);
    if (last === undefined || looks.length < KEPT.looks) {
      looks.push({ from: Math.min(last?.to ?? at, at - gapMs), to: at, gapMs });
      return;
    }
    last.to = at;
    last.gapMs = Math.max(last.gapMs, gapMs);
  };

  return {
    event(e) {
      any = true;
      if (e.what === 'lock-wait') began(e);
      else if (e.what === 'lock-wait-ended') ended(e);
      else looked(e);
    },
    locks: () =>
      any ? { waits: waits.map((wait) => ({ ...wait })), dropped, looks: looks.map((each) => ({ ...each })) } : null,
  };
}
