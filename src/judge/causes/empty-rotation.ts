import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const emptyRotation: Cause = {
  name: 'empty-rotation',
  mode: null,
  claim: 'No server was left in the rotation, though instances were up.',
  signature: '503 of the balancer at once, for everything, until one is put in again.',
  because: 'A server was taken out before another had been put in, or was never put back.',
  remedy: 'Check that another server is up and in the rotation before one is taken out.',
  fixes: { haproxy: 'HAProxy: `set server BACKEND/NAME state ready`, and wait for UP, before the next `state drain`.' },
  references: [],
  signs: (v) => [
    must(v.gateway > 0.8 && v.status(503) > 0.5, 'the balancer answered 503', 1),
    sign(v.hardMs >= 300, 2, 'nothing succeeded'),
    sign(v.systems.has('haproxy') ? true : null, 1, 'HAProxy is in the way'),
    sign(noServer(v), 5, 'every server of the backend was out (MAINT or DRAIN)'),
    sign(v.processes.appGone === null ? null : !v.processes.appGone, 1, 'a process of the app lived'),
  ],
};

/** Null where no balancer is watched. */
function noServer({ run, incident }: Parameters<Cause['signs']>[0]): boolean | null {
  const watch = run.watchers.find(({ kind }) => kind === 'haproxy');
  if (watch === undefined) return null;
  const at = incident.from + Math.min(500, (incident.to - incident.from) / 2);
  const subjects = [...new Set(watch.states.map(({ subject }) => subject))];
  const states = subjects.map(
    (subject) => watch.states.findLast((state) => state.subject === subject && state.at <= at + 600)?.value ?? '',
  );
  return states.length > 0 && states.every((state) => /MAINT|DRAIN|NOLB/i.test(state));
}
