import { formatMs } from '../../model/units.js';
import type { WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { lengthText, releaseSpan, stepAt, watchersOf } from '../watch.js';
import type { Rule } from './rule.js';

/** The watched link was away while it was replaced. */
export const linkAbsent: Rule = {
  name: 'link-absent',
  find: (m) => watchersOf(m.run, 'link').flatMap((watch) => absences(m, watch)),
};

function absences(m: Measure, watch: WatchRun) {
  const { from, to } = releaseSpan(m);
  return watch.states.flatMap(({ at, value }, index) => {
    const before = watch.states[index - 1];
    if (value !== null || at < from || at > to || before === undefined) return [];
    const next = watch.states[index + 1];
    const step = stepAt(m, at);
    const length = lengthText(watch, at, next?.at ?? null);
    return [
      {
        severity: 'risk' as const,
        phase: step,
        claim: `The link ${watch.name} was not there ${length} in ${step}.`,
        evidence: [
          `from ${formatMs(at)} of the run; it pointed to ${before.value ?? 'nothing'} before${next === undefined ? '' : `, to ${next.value ?? 'nothing'} after`}`,
          'whoever opened a file through it at that moment found nothing',
        ],
        remedy: 'Make the new link beside the old one and move it over (`mv -T`): that replaces it in one step.',
      },
    ];
  });
}
