import type { LockKind, PhaseLocks, TimeSpan } from '../../model/locks.js';
import { locksOf } from '../locks/locks.js';
import { isSchemaStatement } from '../locks/schema-change.js';
import { lengthOf, within } from '../locks/spans.js';
import { lockedText } from '../locks/text.js';
import type { Measure } from '../measure.js';
import { blindWithin } from '../watch.js';
import type { Incident } from './incident.js';
import { type Sign, sign } from './sign.js';

/** What watchers of databases say of an incident. */
export interface LocksSeen {
  /** `none`: nobody waited for a lock, and that was seen all the time. Null where the locks do not say. */
  kind: LockKind | 'none' | null;
  /** The latencies of requests show it as well. */
  isProven: boolean;
  /** Time, table, who waited for whom; empty without a kind. */
  text: string;
  /** Statements that change the schema, of sessions that waited or were waited for until then. */
  changes: string[];
}

/** A lock that is the reason for a stall is waited for during half of it at least. */
const HALF = 0.5;
/** A session is seen to wait a little before its request is late, and no longer when the next one is answered, ms. */
const AROUND_MS = 200;
/** Who looks less often than this misses more than a moment, ms. */
const GAP_MS = 250;
/** What a lock says outweighs all that latencies alone suggest, where these agree. */
const DECIDES = 8;
/** Where they prove nothing: a long queue is still worked off when the lock is gone, so that they stay high. */
const SUGGESTS = 4;
const AGAINST_ANY = 4;

/** Speaks for a cause where sessions waited in its way, against it where they did so in another one, or not at all. */
export function lockSign({ kind, isProven, text }: LocksSeen, own: LockKind, otherwise: string): Sign {
  const weight = isProven ? DECIDES : SUGGESTS;
  if (kind === null) return sign(null, weight, otherwise);
  if (kind === 'none') return sign(false, 0, 'a session that waited for a lock', AGAINST_ANY);
  return kind === own ? sign(true, weight, text) : sign(false, weight, otherwise);
}

export function locksSeen(m: Measure, incident: Incident): LocksSeen {
  const locks = locksOf(m);
  if (locks === null) return { kind: null, isProven: false, text: '', changes: [] };
  const seen = [...locks.waits]
    .filter(({ since }) => since <= incident.to)
    .flatMap(({ waiting, ahead, blocker }) => [waiting, ahead, blocker])
    .flatMap((session) => session?.statement ?? []);
  const changes = [...new Set(seen)].filter(isSchemaStatement);
  const span = spanOf(incident);
  const held = locks.phases
    .map((phase) => ({ phase, ms: lengthOf(within(phase.windows, [span])) }))
    .reduce<{ phase: PhaseLocks; ms: number } | null>((a, b) => (a !== null && a.ms >= b.ms ? a : b), null);
  if (held === null || held.ms === 0)
    return { kind: isSeen(m, span) ? 'none' : null, isProven: false, text: '', changes };
  if (held.ms < HALF * (span.to - span.from)) return { kind: null, isProven: false, text: '', changes };
  const isProven = held.phase.latency?.verdict === 'lock';
  return { kind: held.phase.kind, isProven, text: lockedText(m.run, held.phase), changes };
}

/** The longest stall; where there is none, from the first request that was lost on. */
function spanOf({ from, to, stalls, failures }: Incident): TimeSpan {
  const [longest] = stalls.toSorted((a, b) => b.durationMs - a.durationMs);
  if (longest !== undefined) return { from: longest.startAt, to: longest.endAt };
  return { from: Math.min(from, ...failures.map(({ dueAt }) => dueAt)), to };
}

/** A watcher looked for waits all the time, and kept all of them. */
function isSeen({ run }: Measure, { from, to }: TimeSpan): boolean {
  const [begin, end] = [from - AROUND_MS, to + AROUND_MS];
  return run.watchers.some((watch) => {
    const { locks } = watch;
    if (locks === null || locks.dropped > 0 || blindWithin(watch, begin, end).length > 0) return false;
    return !locks.looks.some(({ from, to, gapMs }) => gapMs >= GAP_MS && from < end && to > begin);
  });
}
