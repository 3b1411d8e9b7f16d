import type { FailureCause } from '../../model/outcome.js';
import { isConnectionError } from '../../model/outcome.js';
import type { Tally } from '../../model/run.js';
import type { Metric, Threshold } from '../../model/threshold.js';
import { formatCount, formatShare } from '../../model/units.js';
import { durationMs } from '../bounds.js';
import { doubtfulIn } from '../doubtful.js';
import { unprovenIn } from '../evidence.js';
import type { Measure } from '../measure.js';
import type { Scope } from '../scope.js';
import { failureRateUpper95, trialsForRate95 } from '../statistics.js';
import { compared, type Evaluate, type Reading, silent } from './metric.js';
import { moreSamples } from './support.js';

type CountMetric = Extract<
  Metric,
  'http_req_failed' | 'http_reqs' | 'conn_errors' | 'retryable' | 'blocked' | 'unsent'
>;

const COUNT: Record<CountMetric, (tally: Tally) => number> = {
  http_req_failed: ({ failed }) => failed,
  http_reqs: ({ requests }) => requests,
  conn_errors: ({ byError }) =>
    (Object.entries(byError) as [FailureCause, number][])
      .filter(([cause]) => isConnectionError(cause))
      .reduce((sum, [, count]) => sum + count, 0),
  retryable: ({ retryable }) => retryable,
  blocked: ({ blocked }) => blocked,
  unsent: ({ unsent }) => unsent,
};

/** Counts of requests, and their share of all (`http_reqs`: per second). */
export const evaluateRequests: Evaluate = (threshold, m, scope) => {
  const metric = threshold.metric as CountMetric;
  const { aggregate } = threshold;
  if (aggregate !== 'rate' && aggregate !== 'count') return silent(`${metric} has a rate and a count`);
  const actual = readingOf(metric, aggregate, threshold, m, scope);
  if (actual === null) return silent('there were no requests');
  const reading = compared(threshold, actual, () => readingOf(metric, aggregate, threshold, m, m.baseline));
  if (!COUNTS_FAILURES.includes(metric)) return reading;
  if (reading.ok !== false) return unlessTooFew(threshold, reading, m, scope);
  // What a browser hides is no failure, and is not excused by what is.
  return metric === 'retryable' ? reading : unlessDoubtful(reading, m, scope);
};

const COUNTS_FAILURES: readonly CountMetric[] = ['http_req_failed', 'conn_errors', 'retryable'];

/** Failures that are all the harness' own sleep, or came while the control failed too, cross nothing. */
export function unlessDoubtful(reading: Reading, m: Measure, scope: Scope): Reading {
  const { failed } = m.tally(scope);
  if (failed === 0 || unprovenIn(m.run, scope) < failed) return reading;
  const asleep = doubtfulIn(m.run, scope).length >= failed;
  const note = asleep
    ? 'only timeouts and closes of idle connections while the harness itself was not running'
    : 'only while the control failed too';
  return { ...reading, ok: null, harness: true, note };
}

/**
 * A user's upper limit of a rate is kept only where the run could have proven it: where so many requests without a
 * failure have an upper 95 % limit within it. Zero (`rate==0`, `rate<=0`) asks for no proof, and a default for none.
 */
function unlessTooFew(threshold: Threshold, reading: Reading, m: Measure, scope: Scope): Reading {
  const { aggregate, comparison, value, timesBaseline, origin, selector } = threshold;
  if (reading.ok !== true || origin !== 'user' || aggregate !== 'rate' || timesBaseline) return reading;
  if (!comparison.startsWith('<') || value <= 0) return reading;
  const { requests } = m.tally(scope, selector);
  const needed = trialsForRate95(value);
  if (requests >= needed) return reading;
  const upper = formatShare(failureRateUpper95(0, requests));
  const note = `${plainCount(requests)} prove no rate below ${upper}, and this one takes ${formatCount(needed)}; ${moreSamples(needed, requests, durationMs(m, scope))}`;
  return { ...reading, ok: null, note };
}

function plainCount(requests: number): string {
  return `${formatCount(requests)} request${requests === 1 ? '' : 's'}`;
}

function readingOf(
  metric: CountMetric,
  aggregate: 'rate' | 'count',
  { selector }: Threshold,
  m: Measure,
  scope: Scope,
): number | null {
  const tally = m.tally(scope, selector);
  const arrivals = tally.requests + tally.unsent;
  if (arrivals === 0) return null;
  const count = COUNT[metric](tally);
  if (aggregate === 'count') return count;
  if (metric === 'http_reqs') return durationMs(m, scope) > 0 ? (count * 1000) / durationMs(m, scope) : null;
  const of = metric === 'unsent' ? arrivals : tally.requests;
  return of === 0 ? null : count / of;
}
