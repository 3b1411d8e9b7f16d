import type { Threshold } from '../../model/threshold.js';
import type { Measure } from '../measure.js';
import type { Scope } from '../scope.js';
import { aggregateOf, compared, type Evaluate, type Reading, silent } from './metric.js';
import { unlessDoubtful } from './requests.js';
import { asksForLength, hiddenOutage } from './support.js';

/** Lengths of outages, ms; 0 where there was none. */
export const evaluateOutage: Evaluate = (threshold, m, scope) => {
  const { selector } = threshold;
  if (selector.connection !== undefined || selector.version !== undefined)
    return silent('an outage belongs to a flow, not to a connection kind or a version');
  if (m.tally(scope, selector).requests === 0) return silent('there were no requests');
  const lengths = (of: typeof scope) => m.outages(of, selector).map(({ durationMs }) => durationMs);
  const actual = aggregateOf(lengths(scope), threshold);
  if (actual === null) return silent('an outage has a length and a count');
  const reading = compared(threshold, actual, () => aggregateOf(lengths(m.baseline), threshold));
  return reading.ok === false ? unlessDoubtful(reading, m, scope) : unlessHidden(threshold, reading, m, scope);
};

/** A user's upper limit is kept only where no outage of that length could lie between two sends of what it speaks of. */
function unlessHidden(threshold: Threshold, reading: Reading, m: Measure, scope: Scope): Reading {
  const { origin, selector, value } = threshold;
  if (reading.ok !== true || origin !== 'user' || !asksForLength(threshold)) return reading;
  const hidden = hiddenOutage(m, scope, selector.flow ?? null, value);
  return hidden === null ? reading : { ...reading, ok: null, note: hidden };
}
