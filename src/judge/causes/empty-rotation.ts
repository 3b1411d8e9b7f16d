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
    sign(
      v.balancer === null ? null : v.balancer.allOut,
      5,
      'every server of the backend was out of it (MAINT, DRAIN or weight 0)',
    ),
    sign(v.lines(/<NOSRV>/).length > 0 ? true : null, 1, 'the log of the balancer names no server'),
    sign(v.processes.appThroughout, 1, 'a process of the app lived'),
  ],
};
