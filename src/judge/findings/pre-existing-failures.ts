import { formatCount } from '../../model/units.js';
import type { Rule } from './rule.js';

/** Failures before any step: not the release's doing. */
export const preExistingFailures: Rule = {
  name: 'pre-existing-failures',
  find: (m) => {
    const { failed, requests, byError } = m.tally(m.baseline);
    if (failed === 0) return [];
    const causes = Object.entries(byError).map(([cause, count]) => `${formatCount(count)} ${cause}`);
    return [
      {
        severity: 'note',
        phase: 'baseline',
        claim: `${formatCount(failed)} of ${formatCount(requests)} requests failed before any step began.`,
        evidence: [causes.join(', ')],
        remedy:
          'Find out why the target fails when nothing is done to it: the same may be behind failures of the steps.',
      },
    ];
  },
};
