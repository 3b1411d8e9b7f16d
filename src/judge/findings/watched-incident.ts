import { formatCount, formatMs } from '../../model/units.js';
import type { WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { releaseSpan, stepAt } from '../watch.js';
import type { Rule } from './rule.js';

const NAMED = 3;

/** Something that should not happen in a release happened to what is watched: an OOM kill, a restart of a server. */
export const watchedIncident: Rule = {
  name: 'watched-incident',
  find: (m) => m.run.watchers.flatMap((watch) => incidentsOf(m, watch)),
};

function incidentsOf(m: Measure, watch: WatchRun) {
  const { from, to } = releaseSpan(m);
  const within = watch.incidents.filter(({ at }) => at >= from && at <= to);
  return [...new Set(within.map(({ subject }) => subject))].map((subject) => {
    const found = within.filter((incident) => incident.subject === subject);
    const [first] = found;
    const times = found.length === 1 ? '' : `, ${formatCount(found.length)} times`;
    return {
      // A reload of the proxy is most often the release itself.
      severity: watch.kind === 'haproxy' ? ('note' as const) : ('risk' as const),
      phase: stepAt(m, first?.at ?? 0),
      claim: `${watch.name}: ${first?.detail ?? ''}${times}.`,
      evidence: found
        .slice(0, NAMED)
        .map(({ at, detail }) => `at ${formatMs(at)} of the run, in ${stepAt(m, at)}: ${detail}`),
      remedy: '',
    };
  });
}
