import type { OldCheck } from '../../model/old-checks.js';
import { sumTallies } from '../../model/tally.js';
import { formatCount, formatMs, formatShare } from '../../model/units.js';
import type { Measure } from '../measure.js';
import { plural } from './missed.js';

const LIMIT = 0.01;

/**
 * Errors below 1 % of all requests of the run, the baseline among them, with a client as strict as this one: exact, but
 * few gates have such a client.
 */
export function errorRate(m: Measure): OldCheck {
  const { failed, requests, rate, numbers } = countsOf(m);
  const passes = rate < LIMIT;
  const longestMs = Math.max(0, ...m.outages(m.whole).map(({ durationMs }) => durationMs));
  return {
    name: 'error-rate',
    what: `a gate on the error rate: under ${formatShare(LIMIT)} over the whole run`,
    says: requests === 0 ? 'nothing' : passes ? 'pass' : 'fail',
    failed: { atLeast: failed, atMost: failed },
    of: requests,
    numbers,
    missed: [
      ...(passes && failed > 0 ? [`${plural(failed, 'failed request')}, as there were so many others`] : []),
      ...(passes && longestMs > 0 ? [`an outage of ${formatMs(longestMs)}`] : []),
    ],
    basis:
      'Every request of the record counts, as strictly as here: of all methods and connections, nothing repeated, content looked at. A client of its own would see less.',
  };
}

/** No errors at all: it agrees with the verdict on failed requests, and sees nothing else. */
export function noErrors(m: Measure): OldCheck {
  const { failed, requests, numbers } = countsOf(m);
  return {
    name: 'no-errors',
    what: 'a gate on errors: none over the whole run',
    says: requests === 0 ? 'nothing' : failed === 0 ? 'pass' : 'fail',
    failed: { atLeast: failed, atMost: failed },
    of: requests,
    numbers,
    missed: [],
    basis: 'The same requests, and any failure counts.',
  };
}

function countsOf({ run }: Measure) {
  const { failed, requests } = sumTallies(run.cells);
  const rate = requests === 0 ? 0 : failed / requests;
  const numbers =
    requests === 0
      ? 'nothing can be said: no request was sent'
      : `${failed === 0 ? 'no' : formatCount(failed)} of ${formatCount(requests)} requests failed (${formatShare(rate)})`;
  return { failed, requests, rate, numbers };
}
