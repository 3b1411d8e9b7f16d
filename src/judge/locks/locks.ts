import type { JudgedWait, LockKind, PhaseLocks, RunLocks, TimeSpan } from '../../model/locks.js';
import type { Run } from '../../model/run.js';
import type { Measure } from '../measure.js';
import { latencyIn } from './latency.js';
import { lengthOf, union, within } from './spans.js';
import { judgedWaits, partsOf, spanOf, type WaitParts } from './waits.js';

const known = new WeakMap<Run, RunLocks | null>();

/** Who waited for locks, phase by phase; null where no watcher looked for them. The same run is looked at once. */
export function locksOf(m: Measure): RunLocks | null {
  let locks = known.get(m.run);
  if (locks === undefined) {
    locks = m.run.watchers.some((watch) => watch.locks !== null) ? judged(m) : null;
    known.set(m.run, locks);
  }
  return locks;
}

function judged(m: Measure): RunLocks {
  const waits = judgedWaits(m);
  const parts = partsOf(m, waits);
  const phases = [...m.baseline.phases, ...m.whole.phases].flatMap((phase) => phaseLocks(m, phase, waits, parts) ?? []);
  const after = phases.filter(({ phase }) => m.whole.phases.includes(phase));
  return {
    waits,
    dropped: m.run.watchers.reduce((sum, { locks }) => sum + (locks?.dropped ?? 0), 0),
    phases,
    lookGapMs: lookGapOf(m),
    blockedMs: after.reduce((sum, { blockedMs }) => sum + blockedMs, 0),
    waitedMs: after.reduce((sum, { waitedMs }) => sum + waitedMs, 0),
  };
}

function lookGapOf({ run, whole }: Measure): number | null {
  const phases = whole.phases.flatMap((index) => run.phases[index] ?? []);
  const migrating = phases.filter(({ kind }) => kind === 'migrate');
  const frame = (migrating.length > 0 ? migrating : phases).map(({ startAt, endAt }) => ({ from: startAt, to: endAt }));
  const gaps = run.watchers
    .flatMap(({ locks }) => locks?.looks ?? [])
    .flatMap((look) => (within([look], frame).length > 0 ? look.gapMs : []));
  return gaps.length === 0 ? null : Math.max(...gaps);
}

const KINDS: readonly LockKind[] = ['queue', 'held', 'other'];

/** Waits that reach into a phase, as far as they do; null where there are none. */
function phaseLocks(
  m: Measure,
  phase: number,
  waits: readonly JudgedWait[],
  parts: readonly WaitParts[],
): PhaseLocks | null {
  const { startAt = 0, endAt = 0 } = m.run.phases[phase] ?? {};
  const frame: TimeSpan[] = [{ from: startAt, to: endAt }];
  const inPhase = (spans: readonly TimeSpan[]) => union(within(spans, frame));
  const here = waits.filter((wait) => within([spanOf(wait)], frame).length > 0);
  if (here.length === 0) return null;
  const own = here.filter(({ ofChange }) => ofChange);
  const users = here.filter(({ ofChange }) => !ofChange);
  const partsHere = parts.filter(({ wait }) => users.includes(wait));
  const windows = inPhase(users.map(spanOf));
  const byKind = Object.fromEntries(
    KINDS.map((kind) => [kind, lengthOf(inPhase(partsHere.flatMap(({ spans }) => spans[kind])))]),
  ) as Record<LockKind, number>;
  const longest = (users.length > 0 ? users : own).reduce((a, b) =>
    lengthOf([spanOf(b)]) > lengthOf([spanOf(a)]) ? b : a,
  );
  const kind = kindOf(byKind, partsHere);
  const typical = typicalOf(partsHere, kind);
  const [ownFirst] = own;
  return {
    phase,
    windows,
    blockedMs: lengthOf(windows),
    errorMs: Math.max(0, ...users.map(errorOf)),
    byKind,
    kind,
    waitedMs: lengthOf(inPhase(own.map(spanOf))),
    sessions: new Set(users.map(({ pid }) => pid)).size,
    relations: relationsOf(users.length > 0 ? users : own),
    longest,
    change: typical === null ? (ownFirst?.waiting ?? null) : typical.change,
    reader: typical === null ? (ownFirst?.blocker ?? null) : typical.reader,
    latency: windows.length === 0 ? null : latencyIn(m, phase, windows),
  };
}

function kindOf(byKind: Record<LockKind, number>, parts: readonly WaitParts[]): LockKind | null {
  if (parts.length === 0) return null;
  const most = KINDS.reduce((a, b) => (byKind[b] > byKind[a] ? b : a));
  // Those of which nothing can be seen may have been of any kind.
  const unseen = lengthOf(union(parts.filter(({ isUnknown }) => isUnknown).map(({ wait }) => spanOf(wait))));
  return byKind[most] > unseen ? most : null;
}

/** The wait for a change of the schema that is the longest of its kind. */
function typicalOf(parts: readonly WaitParts[], kind: LockKind | null): WaitParts | null {
  const lengthOfKind = ({ spans }: WaitParts) => lengthOf(spans[kind ?? 'held']);
  return parts
    .filter(({ change }) => change !== null)
    .reduce<WaitParts | null>((a, b) => (a !== null && lengthOfKind(a) >= lengthOfKind(b) ? a : b), null);
}

/** Of both ends together. */
function errorOf({ errorMs, endErrorMs }: JudgedWait): number {
  return errorMs + endErrorMs;
}

function relationsOf(waits: readonly JudgedWait[]): string[] {
  const times = new Map<string, number>();
  for (const wait of waits) {
    if (wait.relation === null) continue;
    times.set(wait.relation, (times.get(wait.relation) ?? 0) + lengthOf([spanOf(wait)]));
  }
  return [...times].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([relation]) => relation);
}
