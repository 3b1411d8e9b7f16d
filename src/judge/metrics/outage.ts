import { aggregateOf, compared, type Evaluate, silent } from './metric.js';
import { unlessDoubtful } from './requests.js';

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
  return reading.ok === false ? unlessDoubtful(reading, m, scope) : reading;
};
