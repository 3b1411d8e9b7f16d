import type { Rule } from './rule.js';

/** What was watched shows that the release changed something, where no version says so. */
export const changeByWatchers: Rule = {
  name: 'change-by-watchers',
  find: (_m, _evidence, { verified, watched }) => {
    if (watched === null || verified !== true) return [];
    return [
      {
        severity: 'note',
        phase: 'run',
        claim:
          'Change verified by watched links and processes; the scenario does not say how to read the version that answers.',
        evidence: watched,
        remedy: 'Declare `target.version`: what answers users is a better proof than process ids.',
      },
    ];
  },
};
