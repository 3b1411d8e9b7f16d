import { formatCount, formatMs } from '../../model/units.js';
import type { WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { beganIn, isComplete, livesAt, type Stage, stagesOf, stepAt, watchersOf, workersOf } from '../watch.js';
import type { Rule } from './rule.js';

/** New processes were there before the old ones were gone, as it should be. */
export const newBeforeOld: Rule = {
  name: 'new-before-old',
  find: (m) =>
    stagesOf(m).flatMap((stage) => watchersOf(m.run, 'processes').flatMap((watch) => handover(m, stage, watch) ?? [])),
};

function handover(m: Measure, stage: Stage, watch: WatchRun) {
  if (!isComplete(watch, stage.from, stage.to)) return null;
  const workers = workersOf(watch, m);
  const began = beganIn(workers, stage.from, stage.to);
  const ended = workers.filter((process) => livesAt(process, stage.from) && !livesAt(process, stage.to));
  const firstBegan = Math.min(...began.map(({ startedAt }) => startedAt));
  const lastAlive = Math.max(...ended.map(({ aliveAt }) => aliveAt ?? Number.NEGATIVE_INFINITY));
  if (began.length === 0 || ended.length === 0 || firstBegan >= lastAlive) return null;
  const step = stepAt(m, firstBegan);
  const lastGone = Math.max(...ended.map(({ endedAt }) => endedAt ?? 0));
  return {
    severity: 'note' as const,
    phase: step,
    claim: `New processes of ${watch.name} were there ${formatMs(lastAlive - firstBegan)} before the last old one was gone.`,
    evidence: [
      `${formatCount(began.length)} began, the first at ${formatMs(firstBegan)} of the run; ${formatCount(ended.length)} old ones ended, the last by ${formatMs(lastGone)}`,
    ],
    remedy: '',
  };
}
