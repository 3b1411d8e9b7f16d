import type { OldCheckSays } from '../../model/old-checks.js';
import { formatCount } from '../../model/units.js';

export interface Limits {
  atLeast: number;
  atMost: number;
}

/** What a check says that fails with the first failure. */
export function saysOf({ atLeast, atMost }: Limits, of: number): OldCheckSays {
  if (of === 0) return 'nothing';
  if (atLeast > 0) return 'fail';
  return atMost === 0 ? 'pass' : 'unsure';
}

/** `no`, `12`, `at most 12`, `at least 3 and at most 12`. */
export function limitsText({ atLeast, atMost }: Limits): string {
  if (atMost === 0) return 'no';
  if (atLeast === atMost) return formatCount(atMost);
  return atLeast === 0
    ? `at most ${formatCount(atMost)}`
    : `at least ${formatCount(atLeast)} and at most ${formatCount(atMost)}`;
}
