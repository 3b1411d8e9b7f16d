import { formatCount, formatMs, formatShare } from '../../model/units.js';
import type { Finding } from '../../model/verdict.js';
import type { Takeover } from '../../model/version-timeline.js';
import { nameOf } from '../scope.js';
import { versionTimelineOf } from '../version-timeline.js';
import { movedBy } from '../version-window.js';
import type { Rule } from './rule.js';

/**
 * The new release had answered, and at the end of a release that was carried through the old one has most of the
 * traffic: a risk where the new one answers no more, a note where it keeps a share, as that may be meant. A release of
 * which no answer came at all is a version that never changed, which the verdict speaks of.
 */
export const neverTookOver: Rule = {
  name: 'never-took-over',
  find: (m, _evidence, change) => {
    const takeover = versionTimelineOf(m, change)?.takeover ?? null;
    const moved = movedBy(m);
    if (takeover === null || moved === null) return [];
    const phase = nameOf(m.run, moved.phase);
    if (takeover.kind === 'gone') return [gone(takeover, phase, m.run.versions)];
    return takeover.kind === 'part' ? [part(takeover, phase)] : [];
  },
};

function gone({ version, answers, from, to }: Takeover, phase: string, spans: { version: string; lastAt: number }[]) {
  const lastAt = spans.find((span) => span.version === version)?.lastAt ?? from;
  return {
    severity: 'risk',
    phase,
    claim: `${version} had answered, and never took over: the old release alone answered at the end of the release.`,
    evidence: [
      `none of ${formatCount(answers)} answers was of ${version} from ${formatMs(from)} to ${formatMs(to)} of the run`,
      ...(lastAt < from ? [`its last answer came at ${formatMs(lastAt)}`] : []),
    ],
    remedy: 'Look for what took it out again: a health check, a process that ended, a switch that another step undid.',
  } satisfies Omit<Finding, 'rule'>;
}

function part({ version, share, answers, from, to }: Takeover, phase: string) {
  return {
    severity: 'note',
    phase,
    claim: `${version} did not take over: it had ${formatShare(share)} of the answers at the end of the release.`,
    evidence: [`of ${formatCount(answers)} answers from ${formatMs(from)} to ${formatMs(to)} of the run`],
    remedy: 'Where that is not meant, look for backends or processes that the release left out.',
  } satisfies Omit<Finding, 'rule'>;
}
