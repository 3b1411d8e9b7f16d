import type { JudgedWait, PhaseLocks } from '../model/locks.js';
import type { Run } from '../model/run.js';
import type { Judgement } from '../model/verdict.js';
import type { LockSession } from '../model/watch.js';
import { round } from './summary.js';

/** Waits that are in `run.json`: the longest ones; the journal has the rest. */
const LISTED = 200;

/** `migration` of `run.json`, as far as locks are concerned: null where nobody looked for them. */
export function locksJson(run: Run, { locks }: Judgement) {
  if (locks === null)
    return { locks: null, locksDropped: null, lookGapMs: null, blockedMs: null, waitedMs: null, lockPhases: null };
  const listed = locks.waits
    .toSorted((a, b) => lengthOf(b) - lengthOf(a))
    .slice(0, LISTED)
    .sort((a, b) => a.since - b.since || a.pid - b.pid);
  return {
    locks: listed.map((wait) => waitOf(run, wait)),
    locksDropped: locks.dropped + locks.waits.length - listed.length,
    lookGapMs: locks.lookGapMs === null ? null : round(locks.lookGapMs),
    blockedMs: round(locks.blockedMs),
    waitedMs: round(locks.waitedMs),
    lockPhases: locks.phases.map((phase) => phaseOf(run, phase)),
  };
}

/** `blockedMs` of a phase; null where nobody looked for locks. */
export function blockedMsOf({ locks }: Judgement, phase: number): number | null {
  if (locks === null) return null;
  return round(locks.phases.find((each) => each.phase === phase)?.blockedMs ?? 0);
}

function lengthOf({ since, endAt, seenAt }: JudgedWait): number {
  return (endAt ?? seenAt) - since;
}

function waitOf(run: Run, wait: JudgedWait) {
  const { watch, phase, since, endAt, seenAt, errorMs, endErrorMs, relation, mode, locktype, ofChange } = wait;
  return {
    watch,
    phase: nameOf(run, phase),
    startMs: round(since),
    endMs: endAt === null ? null : round(endAt),
    seenMs: round(seenAt),
    errorMs: round(errorMs + endErrorMs),
    relation,
    mode,
    locktype,
    ofMigration: ofChange,
    waiting: partyOf(wait.waiting),
    ahead: partyOf(wait.ahead),
    blocker: partyOf(wait.blocker),
  };
}

function partyOf(session: LockSession | null) {
  if (session === null) return null;
  const { pid, application, user, statement, state, holds } = session;
  return { pid, application, user, statement, state, holds };
}

function phaseOf(run: Run, locks: PhaseLocks) {
  const { phase, blockedMs, errorMs, waitedMs, sessions, relations, kind, latency } = locks;
  return {
    phase: nameOf(run, phase),
    blockedMs: round(blockedMs),
    errorMs: round(errorMs),
    waitedMs: round(waitedMs),
    sessions,
    relations: relations.slice(0, 20),
    kind,
    change: partyOf(locks.change),
    reader: partyOf(locks.reader),
    latency: latency === null ? null : { ...latency, limitMs: round(latency.limitMs) },
  };
}

function nameOf(run: Run, index: number): string {
  return run.phases[index]?.name ?? '';
}
