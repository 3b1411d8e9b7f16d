import { formatCount, formatMs } from '../../model/units.js';
import { nameOf } from '../scope.js';
import type { Rule } from './rule.js';

/** Idle connections closed without notice: the next request on one of them would have been lost. */
export const idleClosed: Rule = {
  name: 'idle-closed-unannounced',
  find: ({ run, whole }) =>
    whole.phases.flatMap((index) => {
      const phase = run.phases[index];
      const closed = run.idleClosed.filter(
        ({ at }) => phase !== undefined && at >= phase.startAt && (at < phase.endAt || index === whole.phases.at(-1)),
      );
      const [first, last] = [closed[0], closed.at(-1)];
      if (first === undefined || last === undefined) return [];
      const resets = closed.filter(({ how }) => how === 'rst').length;
      return [
        {
          severity: 'risk' as const,
          phase: nameOf(run, index),
          claim: `${formatCount(closed.length)} idle connections were closed without notice in ${nameOf(run, index)}.`,
          evidence: [
            `from ${formatMs(first.at)} to ${formatMs(last.at)} of the run, ${formatCount(resets)} by reset`,
            'a request sent on such a connection at that moment is lost',
          ],
          remedy: 'Announce `Connection: close` on the last answer of a connection before closing it.',
        },
      ];
    }),
};
