import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const checksRemoveHealthy: Cause = {
  name: 'checks-remove-healthy',
  mode: null,
  claim:
    'Health checks took servers away that could serve: the check was too slow, too impatient, or asked for what requests do not need.',
  signature:
    'All instances leave at once, or are restarted, while something they depend on is slow; requests that need none of it fail too.',
  because: 'A deep liveness check restarts healthy processes; a check with a short timeout counts slow as dead.',
  remedy:
    'Liveness asks the process alone; readiness asks what requests need, with a timeout above its slow day and several failures in a row.',
  fixes: {
    haproxy: 'HAProxy: `timeout check 5s`, `fall 5`, `inter 1s`.',
    kubernetes: 'Kubernetes: `timeoutSeconds`, `failureThreshold`, and a `livenessProbe` without dependencies.',
  },
  references: [],
  signs: (v) => [
    must(v.gateway > 0.5 || v.lost > 0.5, 'the balancer answered in the place of the app, or requests were cut', 0),
    must(v.status(503) > 0.2 || v.gateway > 0.5, 'with 503', 0),
    sign(v.balancer === null ? null : v.balancer.down.length > 0, 3, 'the balancer counted servers as down'),
    sign(restartedTogether(v) ? null : v.processes.appUntouched, 2, 'whose processes lived on'),
    sign(
      v.processes.appReplaced === null || restartedTogether(v) ? null : !v.processes.appReplaced,
      2,
      'no instance had been replaced just before',
    ),
    sign(v.instances.readyTooEarly ? false : null, 5, 'nothing new had been called ready before it answered'),
    sign(v.hardMs >= 300, 1, 'for a time nothing succeeded'),
    sign(restartedTogether(v) ? true : null, 3, 'all processes were restarted within seconds'),
    sign(v.kind === 'migrate' ? true : null, 2, 'while the database was busy'),
    sign(v.systems.has('haproxy') || v.systems.has('kubernetes'), 1, 'a balancer with health checks is in the way'),
  ],
};

/** Processes of the app that lived before the incident ended in it, and none had been started in their place before. */
function restartedTogether({ processes, run, incident }: Parameters<Cause['signs']>[0]): boolean {
  if (processes.appEnded === null || processes.appFresh === true) return false;
  const lived = run.watchers
    .filter(({ kind, name }) => kind === 'processes' && !/nginx|haproxy/i.test(name))
    .flatMap((watch) => watch.processes)
    .filter(
      ({ startedAt, endedAt }) =>
        startedAt < incident.from - 3000 && (endedAt === null || endedAt > incident.from - 3000),
    );
  return (
    lived.length > 1 && lived.filter(({ endedAt }) => endedAt !== null && endedAt <= incident.to + 1000).length >= 2
  );
}
