import type { Rule } from './rule.js';

/** Nothing shows that the release changed anything. */
export const versionNotVerified: Rule = {
  name: 'version-not-verified',
  find: ({ run }, _evidence, { verified }) => {
    if (run.header.version.declared || verified !== null) return [];
    return [
      {
        severity: 'note',
        phase: 'run',
        claim: 'Change not verified: the scenario does not say how to read the version that answers.',
        evidence: [],
        remedy:
          'Declare `target.version`, or watch a link or processes, so that a deploy that changes nothing cannot pass.',
      },
    ];
  },
};
