import { formatMs } from '../../model/units.js';
import type { Finding } from '../../model/verdict.js';
import type { WatchedProcess, WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import {
  beganIn,
  gapsBetween,
  isComplete,
  livesAt,
  releaseSpan,
  type Stage,
  stagesOf,
  stepAt,
  watchersOf,
  workersOf,
} from '../watch.js';
import type { Rule } from './rule.js';

/** Gaps of one watcher that are listed. */
const LISTED = 5;
const REMEDY =
  'Start the new processes before the old ones end: reload in place of restart, hand the listening socket over, or use a second instance.';

type Found = Omit<Finding, 'rule'>;

/** For a time no watched process lived, or the new ones began only when the old ones were gone. */
export const workerGap: Rule = {
  name: 'worker-gap',
  find: (m) =>
    watchersOf(m.run, 'processes').flatMap((watch) => {
      const workers = workersOf(watch, m);
      const gaps = gapsIn(m, watch, workers);
      const since = new Set(gaps.map(({ phase }) => phase));
      const late = stagesOf(m).flatMap((stage) => replacedIn(m, stage, watch, workers) ?? []);
      return [...gaps, ...late.filter(({ phase }) => !since.has(phase))];
    }),
};

function gapsIn(m: Measure, watch: WatchRun, workers: readonly WatchedProcess[]): Found[] {
  const { from, to } = releaseSpan(m);
  // Processes that come with the release were not there before it.
  const since = Math.max(from, Math.min(...workers.map(({ startedAt }) => startedAt)));
  const gaps = gapsBetween(workers, since, to).filter((gap) => isComplete(watch, gap.from, gap.to ?? to));
  return gaps.slice(0, LISTED).map((gap) => {
    const last = workers.findLast(({ endedAt }) => endedAt === gap.from);
    const next = workers.find(({ startedAt }) => startedAt === gap.to);
    const step = stepAt(m, gap.from);
    const evidence = [
      ...(last === undefined ? [] : [`${nameOf(last)} was gone at ${formatMs(gap.from)} of the run`]),
      ...(next === undefined ? [] : [`${nameOf(next)} began at ${formatMs(next.startedAt)}`]),
    ];
    // Whether that is how it should be, the traffic tells: an old instance is given up, or the app is dead.
    if (gap.to === null) {
      const claim = `From ${formatMs(gap.from)} of the run on, in ${step}, no process of ${watch.name} lived any more.`;
      return { severity: 'note' as const, phase: step, claim, evidence, remedy: '' };
    }
    const claim = `No process of ${watch.name} lived for ${formatMs(gap.to - gap.from)} in ${step}.`;
    return { severity: 'risk' as const, phase: step, claim, evidence, remedy: REMEDY };
  });
}

/** Old and new were never seen alive together: between two looks one took the other's place. */
function replacedIn(m: Measure, stage: Stage, watch: WatchRun, workers: readonly WatchedProcess[]): Found | null {
  if (!isComplete(watch, stage.from, stage.to)) return null;
  const began = beganIn(workers, stage.from, stage.to);
  const old = workers.filter((process) => livesAt(process, stage.from));
  const first = began.toSorted((a, b) => a.startedAt - b.startedAt)[0];
  const last = old.toSorted(
    (a, b) => (b.endedAt ?? Number.POSITIVE_INFINITY) - (a.endedAt ?? Number.POSITIVE_INFINITY),
  )[0];
  if (first === undefined || last === undefined || last.endedAt === null || last.aliveAt === null) return null;
  if (first.startedAt <= last.aliveAt) return null;
  const step = stepAt(m, first.startedAt);
  return {
    severity: 'risk',
    phase: step,
    claim: `New processes of ${watch.name} began only when the old ones ended, in ${step}: while they boot nobody serves.`,
    evidence: [
      `${nameOf(last)} was alive at ${formatMs(last.aliveAt)} of the run and gone at ${formatMs(last.endedAt)}`,
      `${nameOf(first)} began at ${formatMs(first.startedAt)}`,
    ],
    remedy: REMEDY,
  };
}

function nameOf({ pid, command }: WatchedProcess): string {
  return `process ${pid} (${command})`;
}
