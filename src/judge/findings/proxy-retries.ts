import { formatCount } from '../../model/units.js';
import { nameOf } from '../scope.js';
import { watchersOf } from '../watch.js';
import type { Rule } from './rule.js';

const RETRIES = / retries$/;

/** HAProxy had to try requests again, which users do not see as long as it works. */
export const proxyRetries: Rule = {
  name: 'proxy-retries',
  find: ({ run, whole }) =>
    watchersOf(run, 'haproxy').flatMap((watch) =>
      watch.values
        .filter(({ subject }) => RETRIES.test(subject))
        .flatMap(({ subject, points }) =>
          whole.phases.flatMap((index) => {
            const phase = run.phases[index];
            if (phase === undefined) return [];
            const within = points.filter(({ at }) => at >= phase.startAt && at < phase.endAt);
            const count = within.reduce((sum, { increase }) => sum + increase, 0);
            if (count === 0) return [];
            return [
              {
                severity: 'risk' as const,
                phase: nameOf(run, index),
                claim: `HAProxy tried ${formatCount(count)} connections to ${subject.replace(RETRIES, '')} again in ${nameOf(run, index)}.`,
                evidence: ['a request that may not be sent twice, or finds no other server, is lost instead'],
                remedy: 'Take a server out of rotation (`drain`), and wait for its sessions, before it is stopped.',
              },
            ];
          }),
        ),
    ),
};
