import { formatMs } from '../../model/units.js';
import type { WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { lengthText, releaseSpan, stepAt, watchersOf } from '../watch.js';
import type { Rule } from './rule.js';

/** Nothing listened on a watched address for a time. One that is given up for good is no gap. */
export const notListening: Rule = {
  name: 'not-listening',
  find: (m) => watchersOf(m.run, 'sockets').flatMap((watch) => gapsOf(m, watch)),
};

function gapsOf(m: Measure, watch: WatchRun) {
  const { from, to } = releaseSpan(m);
  return watch.states.flatMap(({ at, subject, value }, index) => {
    if (value !== null || at < from || at > to) return [];
    const next = watch.states.slice(index + 1).find((state) => state.subject === subject);
    if (next === undefined) return [];
    const step = stepAt(m, at);
    return [
      {
        severity: 'risk' as const,
        phase: step,
        claim: `Nothing listened on ${subject} ${lengthText(watch, at, next.at)} in ${step}.`,
        evidence: [`gone at ${formatMs(at)} of the run, seen again at ${formatMs(next.at)}`],
        remedy:
          'Keep listening all through the step: pass the listening socket on instead of closing and opening it, or use a second instance.',
      },
    ];
  });
}
