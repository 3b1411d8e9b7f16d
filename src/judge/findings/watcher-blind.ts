import { formatCount, formatMs } from '../../model/units.js';
import { blindWithin, releaseSpan, stepAt } from '../watch.js';
import type { Rule } from './rule.js';

const NAMED = 3;

/** A watcher could not see for a time of the release: that it found nothing in it says nothing. */
export const watcherBlind: Rule = {
  name: 'watcher-blind',
  find: (m) => {
    const { from, to } = releaseSpan(m);
    const partly = m.run.watchers.flatMap(({ name, unseen }) =>
      unseen.map((what) => ({
        severity: 'note' as const,
        phase: 'run',
        claim: `${name} could not see ${what}.`,
        evidence: [],
        remedy: '',
      })),
    );
    const blind = m.run.watchers.flatMap((watch) => {
      const times = blindWithin(watch, from, to).map(({ from: begun, to: end, detail }) => {
        const [start, over] = [Math.max(from, begun), Math.min(to, end ?? to)];
        return { start, ms: over - start, detail, isWhole: start <= from && over >= to };
      });
      const [first] = times;
      const limits = watch.dropped > 0 ? [`${formatCount(watch.dropped)} entries were more than could be kept`] : [];
      if (first === undefined && limits.length === 0) return [];
      const ms = times.reduce((sum, time) => sum + time.ms, 0);
      const length = first?.isWhole === true ? 'all through the release' : `for ${formatMs(ms)} of the release`;
      return [
        {
          severity: 'note' as const,
          phase: first === undefined || first.isWhole ? 'run' : stepAt(m, first.start),
          claim:
            first === undefined
              ? `${watch.name} was not seen in full.`
              : `${watch.name} could not be watched ${length}: ${first.detail}.`,
          evidence: [
            ...times
              .slice(0, NAMED)
              .map(
                ({ start, ms: forMs, detail }) =>
                  `from ${formatMs(start)} of the run, for ${formatMs(forMs)}: ${detail}`,
              ),
            ...limits,
          ],
          remedy: '',
        },
      ];
    });
    return [...blind, ...partly];
  },
};
