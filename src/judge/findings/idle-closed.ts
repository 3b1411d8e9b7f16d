import type { ProbeRun } from '../../model/probe.js';
import type { Run } from '../../model/run.js';
import { formatCount, formatMs, plural } from '../../model/units.js';
import type { Finding } from '../../model/verdict.js';
import { remedyFor } from '../causes/cause.js';
import { haproxyReloadClosesIdle } from '../causes/haproxy-reload-closes-idle.js';
import { idleClosedUnderRequests } from '../causes/idle-closed-under-requests.js';
import { nginxReloadClosesIdle } from '../causes/nginx-reload-closes-idle.js';
import { systemsOf } from '../causes/systems.js';
import { isOwnTimeout, ownIdleAges } from '../idle-ages.js';
import type { Measure } from '../measure.js';
import { faultsIn, probeRun } from '../probe-faults.js';
import { nameOf } from '../scope.js';
import type { Rule } from './rule.js';

/** Idle connections closed without notice: the next request on one of them would have been lost. */
export const idleClosed: Rule = {
  name: 'idle-closed-unannounced',
  find: (m) => {
    const sentinels = probeRun(m.run, 'idle');
    return [...m.whole.phases.flatMap((index) => closedIn(m, index, sentinels)), ...ownTimeout(m, sentinels)];
  },
};

type Found = Omit<Finding, 'rule'>;

function closedIn(m: Measure, index: number, sentinels: ProbeRun | undefined): Found[] {
  const { run } = m;
  const pool = pooledIn(m, index);
  const watched = watchedIn(run, index);
  if (pool.length === 0 && watched === 0) return [];
  const name = nameOf(run, index);
  const evidence = [
    ...(watched === 0 || sentinels === undefined ? [] : sentinelEvidence(run, sentinels, index)),
    ...poolEvidence(pool, watched > 0),
    'a request sent on such a connection at that moment is lost',
  ];
  const { failed, retryable } = m.tally({ label: '', phases: [index] });
  const connections = sentinels?.counts.connections ?? 0;
  const of = connections >= watched ? ` of ${formatCount(connections)}` : '';
  const claim =
    watched > 0
      ? `${formatCount(watched)}${of} idle connections were closed without notice in ${name}; live traffic lost ${plural(failed + retryable, 'request')}.`
      : `${formatCount(pool.length)} idle connections were closed without notice in ${name}.`;
  return [{ severity: 'risk', phase: name, claim, evidence, remedy: remedyOf(run) }];
}

/** By what is in front of the app: a user of nginx or HAProxy cannot announce a close by hand. */
function remedyOf(run: Run): string {
  const systems = systemsOf(run);
  if (systems.has('nginx')) return remedyFor(nginxReloadClosesIdle, systems);
  return remedyFor(systems.has('haproxy') ? haproxyReloadClosesIdle : idleClosedUnderRequests, systems);
}

/** Closes of the traffic's own pool. */
function pooledIn({ run, whole }: Measure, index: number): Run['idleClosed'] {
  const phase = run.phases[index];
  if (phase === undefined) return [];
  return run.idleClosed.filter(({ at }) => at >= phase.startAt && (at < phase.endAt || index === whole.phases.at(-1)));
}

/** Closes of the sentinels, without those by the server's own idle timeout. */
function watchedIn(run: Run, index: number): number {
  return faultsIn(run, { label: '', phases: [index] }, 'risk').find(({ probe }) => probe === 'idle')?.count ?? 0;
}

function closesOf({ faults }: ProbeRun, index: number): ProbeRun['faults'] {
  return faults.filter(({ count, phase }) => count === 'closedUnannounced' && phase === index);
}

function sentinelEvidence(run: Run, sentinels: ProbeRun, index: number): string[] {
  const ages = ownIdleAges(run, sentinels);
  const closes = closesOf(sentinels, index).filter(({ at, since }) => !isOwnTimeout(ages, at - since));
  const [first, last] = [closes[0], closes.at(-1)];
  if (first === undefined || last === undefined) return [];
  const idle = closes.map(({ at, since }) => at - since);
  const [youngest, oldest] = [Math.min(...idle), Math.max(...idle)];
  const resets = closes.filter(({ detail }) => detail.startsWith('RST')).length;
  const beganAt = run.phases[index]?.startAt ?? 0;
  return [
    `from ${formatMs(first.at)} to ${formatMs(last.at)} of the run (${formatMs(first.at - beganAt)} into the step), idle for ${formatMs(youngest)} to ${formatMs(oldest)}, ${formatCount(resets)} by reset`,
    ...(oldest > baselineMs(run) && isOwnTimeout([oldest], youngest) && ages.length === 0
      ? [`the baseline was shorter than that: the server's own idle timeout would look the same`]
      : []),
  ];
}

function baselineMs({ phases }: Run): number {
  return phases.reduce((sum, { kind, startAt, endAt }) => (kind === 'baseline' ? sum + endAt - startAt : sum), 0);
}

function poolEvidence(closed: Run['idleClosed'], watched: boolean): string[] {
  const [first, last] = [closed[0], closed.at(-1)];
  if (first === undefined || last === undefined) return [];
  const resets = closed.filter(({ how }) => how === 'rst').length;
  const when = `from ${formatMs(first.at)} to ${formatMs(last.at)} of the run, ${formatCount(resets)} by reset`;
  return [watched ? `${formatCount(closed.length)} pooled connections of the traffic too, ${when}` : when];
}

/** Closes at the idle age at which the baseline had them too are no work of the release. */
function ownTimeout({ run, whole }: Measure, sentinels: ProbeRun | undefined): Found[] {
  if (sentinels === undefined) return [];
  const ages = ownIdleAges(run, sentinels);
  const own = whole.phases
    .flatMap((index) => closesOf(sentinels, index))
    .filter(({ at, since }) => isOwnTimeout(ages, at - since));
  if (ages.length === 0) return [];
  const age = ages.toSorted((a, b) => a - b)[Math.floor(ages.length / 2)] ?? 0;
  return [
    {
      severity: 'note',
      phase: 'baseline',
      claim: `The server closes connections that were idle for ${formatMs(age)}, without notice.`,
      evidence: [
        `${formatCount(ages.length)} in the baseline, ${formatCount(own.length)} at the same age after it: its own idle timeout, not the release`,
      ],
      remedy: 'Keep idle connections open longer than any client or proxy in front does.',
    },
  ];
}
