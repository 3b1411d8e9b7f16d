import { formatCount } from '../../model/units.js';
import type { WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { nameOf } from '../scope.js';
import { phaseOf } from '../watch-lines.js';
import { lineEvidence } from './proxy-errors.js';
import type { Rule } from './rule.js';

/** Kinds of lines that never belong to a clean release. */
const GRAVE: readonly string[] = [
  'out-of-memory',
  'nginx-alert',
  'haproxy-server-down',
  'gunicorn-worker-timeout',
  'gunicorn-worker-killed',
  'gunicorn-boot-error',
];

/** Lines of a watched log that matched, apart from those of failed requests. */
export const logLines: Rule = {
  name: 'log-lines',
  find: (m) => m.run.watchers.flatMap((watch) => m.whole.phases.flatMap((phase) => linesIn(m, watch, phase))),
};

function linesIn(m: Measure, watch: WatchRun, phase: number) {
  const isOurs = ({ pattern }: { pattern: string }) => !watch.requestErrors.includes(pattern);
  const byPattern = watch.lineCounts.filter((entry) => entry.phase === phase && isOurs(entry));
  if (byPattern.length === 0) return [];
  const lines = watch.lines.filter((line) => isOurs(line) && phaseOf(m, line.at) === phase);
  const count = byPattern.reduce((sum, entry) => sum + entry.count, 0);
  const before = watch.lineCounts.filter((entry) => m.baseline.phases.includes(entry.phase) && isOurs(entry));
  const step = nameOf(m.run, phase);
  return [
    {
      severity: byPattern.some(({ pattern }) => GRAVE.includes(pattern)) ? ('risk' as const) : ('note' as const),
      phase: step,
      claim: `${watch.name} has ${formatCount(count)} lines of ${byPattern.map(({ pattern }) => pattern).join(', ')} in ${step}.`,
      evidence: [
        ...lineEvidence({ byPattern, lines }),
        ...(before.length === 0
          ? []
          : [`in the baseline: ${before.map((entry) => `${formatCount(entry.count)} ${entry.pattern}`).join(', ')}`]),
      ],
      remedy: '',
    },
  ];
}
