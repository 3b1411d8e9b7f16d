import { formatCount, formatMs, formatShare } from '../../model/units.js';
import type { WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { releaseSpan, stepAt, watchersOf } from '../watch.js';
import type { Rule } from './rule.js';

/** From this share on a resource is as good as used up. */
const FULL = 0.95;
const CONNECTIONS_FULL = 0.9;

/** A resource was all but used up during the release: there was hardly room for two versions. */
export const resourceLimit: Rule = {
  name: 'resource-limit',
  find: (m) => [
    ...watchersOf(m.run, 'resources').flatMap((watch) => shares(m, watch)),
    ...watchersOf(m.run, 'postgres').flatMap((watch) => connections(m, watch)),
  ],
};

function shares(m: Measure, watch: WatchRun) {
  return ['memory', 'disk'].flatMap((subject) => {
    const peak = peakOf(m, watch, subject);
    if (peak === null || peak.max < FULL) return [];
    return [
      {
        severity: 'risk' as const,
        phase: stepAt(m, peak.at),
        claim: `The ${subject} of the machine was used up to ${formatShare(peak.max)} in ${stepAt(m, peak.at)}.`,
        evidence: [`at ${formatMs(peak.at)} of the run`],
        remedy: 'Make room for two versions at once, or replace one instance after the other.',
      },
    ];
  });
}

function connections(m: Measure, watch: WatchRun) {
  const peak = peakOf(m, watch, 'connections');
  const most = peakOf(m, watch, 'max_connections');
  if (peak === null || most === null || peak.max < CONNECTIONS_FULL * most.max) return [];
  return [
    {
      severity: 'risk' as const,
      phase: stepAt(m, peak.at),
      claim: `${formatCount(peak.max)} of ${formatCount(most.max)} connections of ${watch.name} were in use in ${stepAt(m, peak.at)}.`,
      evidence: [`at ${formatMs(peak.at)} of the run, one of them of zdd-verify`],
      remedy:
        'The pools of the old and the new version together must fit `max_connections`: make them smaller, or pool in front of the server.',
    },
  ];
}

function peakOf(m: Measure, watch: WatchRun, subject: string): { at: number; max: number } | null {
  const { from, to } = releaseSpan(m);
  const points = watch.values.find((series) => series.subject === subject)?.points ?? [];
  return points
    .filter(({ at }) => at >= from && at <= to)
    .reduce<{ at: number; max: number } | null>(
      (peak, point) => (peak === null || point.max > peak.max ? point : peak),
      null,
    );
}
