import type { PhaseKind } from '../model/phase.js';
import { BUCKET_MS, type Run } from '../model/run.js';
import type { Measure } from './measure.js';

/** Steps that give traffic to the new version: until the last of them is over, the old one has a share by right. */
const MOVES_TRAFFIC: readonly PhaseKind[] = ['switch', 'reload', 'custom'];

/** Requests under way when a step was ready are answered by the old release by right: for this long at least, ms. */
const UNDER_WAY_MS = 3000;

/** The last step of the release that moves traffic. */
export interface Moved {
  phase: number;
  /** When it was ready and what was under way then was answered, ms of the run. */
  settledAt: number;
}

/**
 * Null where the release was not carried through (the step that gives the rest of the traffic may not have come), where
 * no step moves traffic, and where the last one never became ready. What was under way then is given
 * twice the longest answer of the baseline, and 3 s at least.
 */
export function movedBy(m: Measure): Moved | null {
  const { run } = m;
  if (run.end?.release !== 'completed') return null;
  const phase = m.whole.phases.findLast(
    (index) => run.phases[index]?.role === 'release' && MOVES_TRAFFIC.includes(run.phases[index]?.kind as PhaseKind),
  );
  const step = run.phases[phase ?? -1];
  if (phase === undefined || step === undefined || step.outcome !== 'ok') return null;
  const readyAt = step.readyAt ?? step.holdAt ?? (step.commandMs === null ? null : step.startAt + step.commandMs);
  if (readyAt === null) return null;
  const latencies = m.latencies('sinceDue', m.baseline);
  const longestMs = latencies.totalCount === 0 ? 0 : latencies.maxValue / 1000;
  return { phase, settledAt: readyAt + Math.max(UNDER_WAY_MS, 2 * longestMs) };
}

/** The end of the release, before any way back begins, ms of the run. */
export function endOf({ run, whole }: Measure): number {
  const released = whole.phases.flatMap((index) => run.phases[index] ?? []).filter(({ role }) => role === 'release');
  return released.at(-1)?.endAt ?? 0;
}

export interface Answers {
  /** Those that say their version. */
  answers: number;
  /** Of them, of the old release. */
  old: number;
  /** How often 100 ms with old answers followed on 100 ms with new ones alone. */
  returns: number;
}

/** Answers by version within a time, by the 100 ms that lie in it as a whole. */
export function answersBetween(
  { buckets }: Pick<Run, 'buckets'>,
  before: readonly string[],
  { from, to }: { from: number; to: number },
): Answers {
  const sum: Answers = { answers: 0, old: 0, returns: 0 };
  let newAlone = false;
  for (const { at, byVersion } of buckets) {
    if (at < from || at + BUCKET_MS > to) continue;
    const counts = Object.entries(byVersion);
    const answers = counts.reduce((total, [, count]) => total + count, 0);
    const old = counts.reduce((total, [version, count]) => (before.includes(version) ? total + count : total), 0);
    sum.answers += answers;
    sum.old += old;
    if (old > 0 && newAlone) sum.returns++;
    if (answers > 0) newAlone = old === 0;
  }
  return sum;
}
