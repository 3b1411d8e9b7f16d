import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const upstreamIdleClose: Cause = {
  name: 'upstream-idle-close',
  mode: 8,
  claim:
    'An instance that was ending closed the idle connections of the proxy, under requests that were on their way to it.',
  signature:
    'A few 502 at the stop of an instance, for POST above all: the proxy repeats a GET elsewhere and says nothing.',
  because: 'The instance was still in the rotation when it began to end, however gracefully.',
  remedy: 'Take the instance out of the rotation first, wait, then stop it.',
  fixes: {
    haproxy: 'HAProxy: `set server BACKEND/NAME state drain` before SIGTERM.',
    nginx: 'nginx: take the `server` line out (or `down`) and reload before SIGTERM.',
    kubernetes: 'Kubernetes: `lifecycle.preStop: { sleep: { seconds: 10 } }`.',
  },
  references: ['https://github.com/nodejs/node/issues/60617'],
  signs: (v) => [
    must(v.gateway > 0.8, 'the proxy answered 502 or 503'),
    must(v.failed <= 40, 'not more than a few', 1),
    sign(v.failed > 0 && v.unsafe / v.failed > 2 * v.unsafeUsual, 3, 'above all methods that the proxy may not repeat'),
    sign(
      v.medianMs === null || (v.medianMs >= 60 && v.medianMs <= 150) ? null : v.medianMs < 60,
      1,
      'within milliseconds',
      3,
    ),
    sign(v.hardMs < 100, 1, 'while others succeeded'),
    sign(
      v.processes.appEnded === null ? null : v.processes.appEnded.length > 0,
      1,
      'a process of the app ended at that time',
    ),
    sign(v.systems.has('gunicorn') && v.kind === 'reload' ? false : null, 3, 'no reload of gunicorn'),
    sign(v.faults('inflight') === 0, 1, 'long requests under way were finished', 3),
  ],
};
