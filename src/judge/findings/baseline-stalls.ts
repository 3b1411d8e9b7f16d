import { flowStallLimitMs, stallLimitMs } from '../../model/threshold.js';
import { formatMs } from '../../model/units.js';
import type { Rule } from './rule.js';

/** A flow that stalls before any step has a limit of its own. */
export const baselineStalls: Rule = {
  name: 'baseline-stalls',
  find: ({ run }) => {
    const limit = stallLimitMs(run.header.thresholds);
    return Object.entries(run.baselineStallMs)
      .filter(([, ms]) => flowStallLimitMs(limit, ms) !== limit)
      .map(([flow, ms]) => ({
        severity: 'note' as const,
        phase: 'baseline',
        claim: `${flow} went without a success for ${formatMs(ms)} before any step began.`,
        evidence: [`its stalls are held against ${formatMs(2 * ms)}, twice that, and not against ${formatMs(limit)}`],
        remedy: 'Send more of this flow, or make it answer sooner, for a sharper limit.',
      }));
  },
};
