import { formatCount, formatMs, formatShare } from '../../model/units.js';
import { nameOf } from '../scope.js';
import { versionTimelineOf } from '../version-timeline.js';
import type { Rule } from './rule.js';

/** Returns of the old release that one slow answer could not explain. */
const RETURNS_NEEDED = 2;

/**
 * The old release goes on answering among the new one's answers, though the last step that moves traffic is ready and
 * what was under way then is answered. Where most answers are still the old release's, it never took over, which is
 * another finding.
 */
export const versionsInterleave: Rule = {
  name: 'versions-interleave',
  find: (m, _evidence, change) => {
    const interleaving = versionTimelineOf(m, change)?.interleaving ?? null;
    if (interleaving === null) return [];
    const { phase, from, to, oldAnswers, newAnswers, returns } = interleaving;
    if (returns < RETURNS_NEEDED || newAnswers < oldAnswers) return [];
    const name = nameOf(m.run, phase);
    return [
      {
        severity: 'risk',
        phase: name,
        claim: `Answers of the old and the new release came by turns in ${name}, though it was ready.`,
        evidence: [
          `${formatCount(oldAnswers)} answers of ${change.before.join(', ')} among ${formatCount(newAnswers)} of the new release (${formatShare(oldAnswers / (oldAnswers + newAnswers))}) from ${formatMs(from)} to ${formatMs(to)} of the run`,
          `the old release came back ${formatCount(returns)} times after new answers alone`,
        ],
        remedy:
          'Look for what still runs or holds the old release: a process or a backend that was left out, a cache of code, paths or answers.',
      },
    ];
  },
};
