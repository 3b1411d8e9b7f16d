import type { JudgedWait, LockKind, TimeSpan } from '../../model/locks.js';
import type { LockSession } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { phaseOf } from '../watch-lines.js';
import { holdsForChange, waitsForChange } from './schema-change.js';
import { union, within, without } from './spans.js';

/** Waits of all watchers from the baseline on. */
export function judgedWaits(m: Measure): JudgedWait[] {
  return m.run.watchers
    .flatMap(({ name, locks }) =>
      (locks?.waits ?? []).map((wait) => ({
        ...wait,
        watch: name,
        phase: phaseOf(m, Math.max(wait.since, judgedFrom(m))),
        ofChange: waitsForChange(wait),
      })),
    )
    .filter((wait) => wait.phase >= 0 && spanOf(wait).to > judgedFrom(m))
    .sort((a, b) => a.since - b.since || a.pid - b.pid);
}

function judgedFrom({ run, baseline, whole }: Measure): number {
  return run.phases[baseline.phases[0] ?? whole.phases[0] ?? -1]?.startAt ?? 0;
}

/** As far as it was seen. */
export function spanOf({ since, endAt, seenAt }: JudgedWait): TimeSpan {
  return { from: since, to: endAt ?? seenAt };
}

/** One wait in parts, by what it was for. */
export interface WaitParts {
  wait: JudgedWait;
  spans: Record<LockKind, TimeSpan[]>;
  /** Nobody could see enough of the session that was waited for. */
  isUnknown: boolean;
  /** The session that changes the schema, and, where it waited itself, the one that it waited for. */
  change: LockSession | null;
  reader: LockSession | null;
}

/**
 * What users' sessions waited for. Where one stands behind a change of the schema it is the queue that keeps it waiting
 * as long as that change waits itself, and the lock afterwards.
 */
export function partsOf(m: Measure, waits: readonly JudgedWait[]): WaitParts[] {
  const byPid = new Map<number, JudgedWait[]>();
  for (const wait of waits) byPid.set(wait.pid, [...(byPid.get(wait.pid) ?? []), wait]);
  const migrations = m.run.phases
    .filter(({ kind }) => kind === 'migrate')
    .map(({ startAt, endAt }) => ({ from: startAt, to: endAt }));
  const users = waits.filter(({ ofChange }) => !ofChange);
  const applications = new Set(users.flatMap(({ waiting }) => waiting.application ?? []));
  return users.map((wait) => {
    const span = spanOf(wait);
    const queued = ahead(wait, byPid).filter(({ ofChange }) => ofChange);
    if (queued.length > 0) {
      const waited = union(queued.map(spanOf));
      const [first] = queued;
      return {
        wait,
        spans: { queue: within([span], waited), held: without([span], waited), other: [] },
        isUnknown: false,
        change: first?.waiting ?? null,
        reader: first?.blocker ?? null,
      };
    }
    const heads = [wait.ahead, wait.blocker];
    const held = heads.find((session) => holdsForChange(session, migrations, applications) === true) ?? null;
    const isUnknown = held === null && holdsForChange(wait.blocker, migrations, applications) === null;
    const spans = { queue: [], held: held === null ? [] : [span], other: held === null && !isUnknown ? [span] : [] };
    return { wait, spans, isUnknown, change: held, reader: null };
  });
}

/** Waits of the sessions that stand before one, directly or not. */
function ahead(wait: JudgedWait, byPid: ReadonlyMap<number, JudgedWait[]>): JudgedWait[] {
  const found = new Set<JudgedWait>([wait]);
  for (const each of found) {
    const span = spanOf(wait);
    for (const pid of each.behind)
      for (const other of byPid.get(pid) ?? []) {
        const { from, to } = spanOf(other);
        if (from < span.to && to > span.from) found.add(other);
      }
  }
  found.delete(wait);
  return [...found];
}
