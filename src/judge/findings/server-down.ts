import { formatMs } from '../../model/units.js';
import type { Finding } from '../../model/verdict.js';
import type { WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { lengthText, releaseSpan, stepAt } from '../watch.js';
import type { Rule } from './rule.js';

/** Findings of one watcher that are listed. */
const LISTED = 20;

/** A watched server of HAProxy was down by its checks, a unit of systemd not active, or a container not healthy. */
export const serverDown: Rule = {
  name: 'server-down',
  find: (m) => m.run.watchers.flatMap((watch) => downTimes(m, watch).slice(0, LISTED)),
};

function downTimes(m: Measure, watch: WatchRun): Omit<Finding, 'rule'>[] {
  const { from, to } = releaseSpan(m);
  return watch.states.flatMap((state, index) => {
    const what = WHAT[watch.kind]?.(state.value);
    if (what === undefined || what === null || state.at < from || state.at > to) return [];
    const before = watch.states.slice(0, index).findLast(({ subject }) => subject === state.subject)?.value ?? null;
    if (before === null || WHAT[watch.kind]?.(before) !== null) return [];
    const later = watch.states.slice(index + 1).filter(({ subject }) => subject === state.subject);
    const end = later.find(({ value }) => WHAT[watch.kind]?.(value) === null);
    const step = stepAt(m, state.at);
    const length = lengthText(watch, state.at, end?.at ?? null);
    // Taken out of rotation first, then stopped: nobody was sent there any more.
    const isDrained = /^(?:DRAIN|MAINT)/.test(before);
    return [
      {
        severity: isDrained ? ('note' as const) : ('risk' as const),
        phase: step,
        claim: `${state.subject} was ${what} ${length} in ${step}.`,
        evidence: [
          `from ${formatMs(state.at)} of the run; it was ${before} before${isDrained ? ', and sent no requests' : ''}`,
        ],
        remedy: isDrained ? '' : (REMEDY[watch.kind] ?? ''),
      },
    ];
  });
}

/** What is wrong with a state; null where nothing is. */
const WHAT: Partial<Record<WatchRun['kind'], (state: string | null) => string | null>> = {
  haproxy: (state) => (state?.startsWith('DOWN') === true ? 'DOWN' : null),
  systemd: (state) =>
    state === null || /^(?:failed|inactive|activating)\b/.test(state) ? `not active (${state ?? 'not there'})` : null,
  docker: (state) => /unhealthy|^restarting|^paused/.exec(state ?? '')?.[0] ?? null,
};

const REMEDY: Partial<Record<WatchRun['kind'], string>> = {
  haproxy:
    'Take a server out of rotation (`drain`) before it is stopped: until its checks fail, requests are still sent there.',
  systemd: 'Reload the unit in place of restarting it, or let two instances take turns.',
  docker: 'Its health check says why (`docker inspect`); send requests to a container only while it is healthy.',
};
