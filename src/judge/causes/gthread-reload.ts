import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const gthreadReload: Cause = {
  name: 'gthread-reload',
  mode: 19,
  claim:
    'Threaded workers of gunicorn closed keep-alive connections at the reload, under requests that were just being sent.',
  signature: 'Losses on reused connections alone, at every HUP; behind a proxy 502, mostly for POST.',
  because: 'The gthread worker up to 20.1 drops its keep-alive connections when it stops.',
  remedy: 'Upgrade gunicorn, or use sync workers behind a proxy without keep-alive to the app.',
  fixes: {
    gunicorn: 'gunicorn: 21 or later, or `worker_class = "sync"`.',
    nginx: 'nginx: no `keepalive` in the upstream of a gthread app.',
  },
  references: [],
  signs: (v) => [
    must(v.systems.has('gunicorn'), 'gunicorn runs the app', 1),
    must(v.lost + v.gateway > 0.8 && v.share('refused') === 0, 'cut, or 502 of the proxy', 0),
    must(v.fresh === 0 || v.gateway > 0.8, 'reused connections alone, or behind a proxy', 1),
    must(v.hardMs < 150, 'while others succeeded', 1),
    sign(v.kind === 'reload' || v.role !== 'release', 1, 'at a reload'),
    sign(v.gateway > 0.8 ? v.unsafe > 0.8 * v.failed : v.reused > 0, 2, 'on connections that were kept alive'),
    sign(v.fresh === 0 && v.failed >= 5 ? true : null, 3, 'fresh connections were spared'),
    sign(v.gateway > 0.8 && v.kind === 'reload' ? true : null, 1, 'behind a proxy that keeps connections to gunicorn'),
    sign(v.medianMs === null ? null : v.medianMs < 60, 1, 'within milliseconds of the reuse'),
    sign(v.faults('inflight') === 0, 1, 'long requests in flight were finished'),
    sign(v.processes.appEnded === null ? null : v.processes.appEnded.length > 0, 1, 'workers ended at that time'),
  ],
};
