import { CACHE_REMEDY, cachedFlows, cachedText } from '../cache.js';
import type { Rule } from './rule.js';

/** Flows that a cache answered in the app's place. */
export const cachedAnswers: Rule = {
  name: 'cached-answers',
  find: (m) => {
    const flows = cachedFlows(m);
    if (flows.length === 0) return [];
    return [
      {
        severity: 'note',
        phase: 'run',
        claim: `A cache answered for the app on ${flows.map(({ flow }) => flow).join(', ')}.`,
        evidence: flows.map(cachedText),
        remedy: `${CACHE_REMEDY.charAt(0).toUpperCase()}${CACHE_REMEDY.slice(1)}.`,
      },
    ];
  },
};
