import { FAILURE_CAUSES, UNSENT_CAUSES } from './outcome.js';
import type { Tally } from './run.js';

const COUNTS = ['requests', 'ok', 'failed', 'retryable', 'blocked', 'cached', 'unsent'] as const;

export function emptyTally(): Tally {
  return {
    requests: 0,
    ok: 0,
    failed: 0,
    retryable: 0,
    blocked: 0,
    cached: 0,
    unsent: 0,
    unsentBy: {},
    byStatus: {},
    byError: {},
  };
}

/** The sum of tallies, such as cells of a run; keys in a fixed order, and none for a count of 0. */
export function sumTallies(tallies: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const key of COUNTS) sum[key] = tallies.reduce((total, tally) => total + tally[key], 0);
  const statuses = [...new Set(tallies.flatMap(({ byStatus }) => Object.keys(byStatus)))].sort();
  sum.byStatus = sumOfKeys(tallies, 'byStatus', statuses);
  sum.byError = sumOfKeys(tallies, 'byError', FAILURE_CAUSES);
  sum.unsentBy = sumOfKeys(tallies, 'unsentBy', UNSENT_CAUSES);
  return sum;
}

function sumOfKeys<K extends string>(
  tallies: readonly Tally[],
  field: 'byStatus' | 'byError' | 'unsentBy',
  keys: readonly K[],
): Record<K, number> {
  const sums = {} as Record<K, number>;
  for (const key of keys) {
    const sum = tallies.reduce((total, tally) => total + ((tally[field] as Partial<Record<K, number>>)[key] ?? 0), 0);
    if (sum > 0) sums[key] = sum;
  }
  return sums;
}
