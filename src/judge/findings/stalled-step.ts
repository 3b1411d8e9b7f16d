import { formatMs } from '../../model/units.js';
import { stallLimitOf, stallText } from '../evidence.js';
import { nameOf } from '../scope.js';
import type { Rule } from './rule.js';

/** A stall over the limit. */
export const stalledStep: Rule = {
  name: 'stalled-step',
  find: ({ run }, { stalls }) =>
    stalls.map((stall) => ({
      severity: 'breach' as const,
      phase: nameOf(run, stall.phase),
      claim: `${capitalized(stallText(run, stall))} in ${nameOf(run, stall.phase)}.`,
      evidence: [
        `from ${formatMs(stall.startAt)} to ${formatMs(stall.endAt)} of the run${stall.recovered ? '' : ', to its end'}`,
        `flows: ${stall.streams.join(', ')}`,
        `the limit is ${formatMs(stallLimitOf(run, stall))}`,
      ],
      remedy: '',
    })),
};

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
