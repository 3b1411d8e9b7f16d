import { formatCount, formatMs } from '../../model/units.js';
import type { WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { nameOf } from '../scope.js';
import { blindWithin, lastMoving, livesAt, START_MS, type Stage, stagesOf, watchersOf, workersOf } from '../watch.js';
import type { Rule } from './rule.js';

const NAMED = 5;

/** Old processes still lived when the hold of the last step that moves traffic was over: their end was not seen. */
export const tailNotObserved: Rule = {
  name: 'tail-not-observed',
  find: (m) =>
    stagesOf(m).flatMap((stage) => watchersOf(m.run, 'processes').flatMap((watch) => tailOf(m, stage, watch) ?? [])),
};

function tailOf(m: Measure, stage: Stage, watch: WatchRun) {
  const index = lastMoving(m.run, stage);
  const phase = m.run.phases[index];
  if (phase === undefined || phase.holdAt === null || blindWithin(watch, phase.endAt - 1, phase.endAt).length > 0)
    return null;
  const workers = workersOf(watch, m);
  const old = workers.filter(({ startedAt }) => startedAt < stage.from - START_MS);
  const left = old.filter((process) => livesAt(process, phase.endAt));
  const isReplaced = workers.some((process) => process.startedAt >= stage.from && livesAt(process, phase.endAt));
  // Where nothing new began there is nothing old.
  if (left.length === 0 || !isReplaced) return null;
  const before = old.filter((process) => livesAt(process, stage.from)).length;
  return {
    severity: 'risk' as const,
    phase: nameOf(m.run, index),
    claim: `${formatCount(left.length)} of ${formatCount(before)} old processes of ${watch.name} still lived when the hold of ${nameOf(m.run, index)} was over: what their end does to users was not seen.`,
    evidence: left.slice(0, NAMED).map(({ pid, command, startedAt, endedAt }) => {
      const age = formatMs(phase.endAt - startedAt);
      const end = endedAt === null ? 'and lived to the end of the run' : `and ended at ${formatMs(endedAt)}`;
      return `process ${pid} (${command}): ${age} old at ${formatMs(phase.endAt)} of the run, ${end}`;
    }),
    remedy: 'Hold for longer than the longest request takes, or let the step wait until the old processes are gone.',
  };
}
