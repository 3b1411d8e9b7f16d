import type { StepKind, StepRole } from '../model/phase.js';
import type { Run } from '../model/run.js';
import { formatMs } from '../model/units.js';
import type { WatchedProcess, WatcherName, WatchRun } from '../model/watch.js';
import type { Measure } from './measure.js';
import { nameOf } from './scope.js';

/** How exactly the start of a process is known, ms: the system counts in hundredths of a second. */
export const START_MS = 20;

export function watchersOf({ watchers }: Run, kind: WatcherName): WatchRun[] {
  return watchers.filter((watch) => watch.kind === kind);
}

/** The steps of one role in a row: the release, its way back, and forward again. Times in ms of the run. */
export interface Stage {
  role: StepRole;
  phases: number[];
  from: number;
  to: number;
}

export function stagesOf({ run, whole }: Measure): Stage[] {
  const stages: Stage[] = [];
  for (const index of whole.phases) {
    const phase = run.phases[index];
    if (phase === undefined) continue;
    const last = stages.at(-1);
    if (last?.role === phase.role) {
      last.phases.push(index);
      last.to = phase.endAt;
    } else stages.push({ role: phase.role, phases: [index], from: phase.startAt, to: phase.endAt });
  }
  return stages;
}

const MOVES_TRAFFIC: readonly StepKind[] = ['switch', 'reload', 'verify', 'custom', 'rollback'];

/** The last step of a stage that moves traffic; -1 where none did. */
export function lastMoving({ phases }: Run, stage: Stage): number {
  return stage.phases.findLast((index) => MOVES_TRAFFIC.includes(phases[index]?.kind as StepKind)) ?? -1;
}

/** The state of a subject at a time: the last one seen before it; undefined where none was. */
export function stateAt({ states }: WatchRun, subject: string, at: number): string | null | undefined {
  return states.findLast((state) => state.subject === subject && state.at <= at)?.value;
}

/** Times of [from, to] in which a watcher did not see. */
export function blindWithin({ blind }: WatchRun, from: number, to: number): WatchRun['blind'] {
  return blind.filter((time) => time.from < to && (time.to ?? Number.POSITIVE_INFINITY) > from);
}

/**
 * How long something lasted that was seen from a time to another (null: to the end): `for 2.0 s`; only as far as it was
 * seen where the watcher was blind in between.
 */
export function lengthText(watch: WatchRun, from: number, to: number | null): string {
  const blind = blindWithin(watch, from, to ?? Number.POSITIVE_INFINITY).find((time) => time.from >= from);
  if (blind !== undefined) {
    const unseen = blind.to === null ? 'on' : `to ${formatMs(blind.to)}`;
    return `${spanText(blind.from - from)} at least (not seen from ${formatMs(blind.from)} ${unseen})`;
  }
  return to === null ? 'to the end of the run' : spanText(to - from);
}

function spanText(ms: number): string {
  return ms < 1 ? 'for a moment' : `for ${formatMs(ms)}`;
}

/** Whether all that happened between two times is known. */
export function isComplete(watch: WatchRun, from: number, to: number): boolean {
  return watch.dropped === 0 && blindWithin(watch, from, to).length === 0;
}

/**
 * The processes that do the work: those below the main one, where there were such all through the baseline, else all. A
 * single process that now and then starts a helper is no master of workers.
 */
export function workersOf(watch: WatchRun, { run, baseline }: Measure): WatchedProcess[] {
  const below = watch.processes.filter(({ main }) => !main);
  const phases = baseline.phases.flatMap((index) => run.phases[index] ?? []);
  const from = phases[0]?.startAt ?? 0;
  const to = phases.at(-1)?.endAt ?? 0;
  return below.length > 0 && gapsBetween(below, from, to).length === 0 ? below : watch.processes;
}

/** Times of [from, to] in which none of the processes lived; `to` null where none came again. */
export function gapsBetween(
  processes: readonly WatchedProcess[],
  from: number,
  to: number,
): { from: number; to: number | null }[] {
  const sorted = processes.toSorted((a, b) => a.startedAt - b.startedAt);
  const gaps: { from: number; to: number | null }[] = [];
  let covered = from;
  for (const { startedAt, endedAt } of sorted) {
    if (startedAt >= to) break;
    if (startedAt > covered + START_MS) gaps.push({ from: covered, to: startedAt });
    covered = Math.max(covered, endedAt ?? Number.POSITIVE_INFINITY);
  }
  if (covered < to) gaps.push({ from: covered, to: null });
  return gaps;
}

export function livesAt({ startedAt, endedAt }: WatchedProcess, at: number): boolean {
  return startedAt <= at && (endedAt === null || endedAt > at);
}

/** Began within a stage, and still lived at its end: not what a script started for a moment. */
export function beganIn(processes: readonly WatchedProcess[], from: number, to: number): WatchedProcess[] {
  return processes.filter((process) => process.startedAt > from - START_MS && livesAt(process, to - 1));
}

/** Name of the step in which something was seen; of the last one after its end. */
export function stepAt({ run, baseline, whole }: Measure, at: number): string {
  const all = [...baseline.phases, ...whole.phases];
  return nameOf(run, all.findLast((index) => (run.phases[index]?.startAt ?? 0) <= at) ?? -1);
}

/** When the first step began, and when the last one was over. */
export function releaseSpan({ run, whole }: Measure): { from: number; to: number } {
  const phases = whole.phases.flatMap((index) => run.phases[index] ?? []);
  return { from: phases[0]?.startAt ?? Number.POSITIVE_INFINITY, to: phases.at(-1)?.endAt ?? 0 };
}
