import { formatCount, formatMs } from '../../model/units.js';
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
} from '../watch.js';
import type { Rule } from './rule.js';

/** Gaps of one watcher that are listed. */
const LISTED = 5;
/** A container whose end has been asked for still serves until it ends. */
const READY = /^running(?: \(healthy\))?(?:, .*)?$/;

type Found = Omit<Finding, 'rule'>;

/** For a time no container was ready, or a new one was ready before the last old one was gone, as it should be. */
export const containerHandover: Rule = {
  name: 'container-handover',
  find: (m) =>
    watchersOf(m.run, 'docker').flatMap((watch) => {
      const ready = readyTimes(watch);
      const gaps = gapsIn(m, watch, ready);
      const overlaps = stagesOf(m).flatMap((stage) => overlapIn(m, stage, watch, ready) ?? []);
      return [...gaps, ...overlaps.filter(({ phase }) => !gaps.some((gap) => gap.phase === phase))];
    }),
};

function gapsIn(m: Measure, watch: WatchRun, ready: readonly WatchedProcess[]): Found[] {
  const { from, to } = releaseSpan(m);
  // Containers that come with the release were not there before it.
  const since = Math.max(from, Math.min(...ready.map(({ startedAt }) => startedAt)));
  return gapsBetween(ready, since, to)
    .flatMap((gap) => (gap.to === null || !isComplete(watch, gap.from, gap.to) ? [] : { from: gap.from, to: gap.to }))
    .slice(0, LISTED)
    .map((gap) => {
      const step = stepAt(m, gap.from);
      const last = ready.find(({ endedAt }) => endedAt === gap.from);
      const next = ready.find(({ startedAt }) => startedAt === gap.to);
      return {
        severity: 'risk' as const,
        phase: step,
        claim: `${watch.name}: no container was running and healthy for ${formatMs(gap.to - gap.from)} in ${step}.`,
        evidence: [
          ...(last === undefined ? [] : [`${last.command} was ready until ${formatMs(gap.from)} of the run`]),
          ...(next === undefined ? [] : [`${next.command} was ready from ${formatMs(gap.to)} on`]),
        ],
        remedy:
          'Start the new container first, wait until it is healthy, and only then stop the old one; in Swarm `--update-order start-first` with a health check.',
      };
    });
}

function overlapIn(m: Measure, stage: Stage, watch: WatchRun, ready: readonly WatchedProcess[]): Found | null {
  if (!isComplete(watch, stage.from, stage.to)) return null;
  const began = beganIn(ready, stage.from, stage.to);
  const ended = ready.filter((each) => livesAt(each, stage.from) && !livesAt(each, stage.to));
  const firstBegan = Math.min(...began.map(({ startedAt }) => startedAt));
  const lastEnded = Math.max(...ended.map(({ endedAt }) => endedAt ?? 0));
  if (began.length === 0 || ended.length === 0 || firstBegan >= lastEnded) return null;
  const step = stepAt(m, firstBegan);
  return {
    severity: 'note',
    phase: step,
    claim: `${watch.name}: a new container was running and healthy ${formatMs(lastEnded - firstBegan)} before the last old one was gone.`,
    evidence: [
      `${formatCount(began.length)} began, the first ready at ${formatMs(firstBegan)} of the run; ${formatCount(ended.length)} old ones ended, the last by ${formatMs(lastEnded)}`,
    ],
    remedy: '',
  };
}

/** Times in which containers, or tasks of a service, were running and healthy; where there is no check, running. */
function readyTimes({ states }: WatchRun): WatchedProcess[] {
  const times: WatchedProcess[] = [];
  const open = new Map<string, WatchedProcess>();
  for (const { at, subject, value } of states) {
    const isReady = READY.test(value ?? '');
    const known = open.get(subject);
    if (isReady && known === undefined) {
      const time = { pid: 0, parent: null, startedAt: at, endedAt: null, aliveAt: null, command: subject, main: true };
      times.push(time);
      open.set(subject, time);
    } else if (!isReady && known !== undefined) {
      known.endedAt = at;
      open.delete(subject);
    }
  }
  return times;
}
