import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const haproxyReloadClosesIdle: Cause = {
  name: 'haproxy-reload-closes-idle',
  mode: 4,
  claim: 'HAProxy closed idle keep-alive connections at its reload, under requests that were just being sent on them.',
  signature: 'Losses on reused connections alone, at every reload.',
  because: 'A stopping HAProxy closes the idle connections of its clients at once.',
  remedy: 'Let the old process close a connection only with an answer on it.',
  fixes: { haproxy: 'HAProxy 2.5 or later: `option idle-close-on-response` in `defaults`.' },
  references: ['https://docs.haproxy.org/2.6/configuration.html#option%20idle-close-on-response'],
  signs: (v) => [
    must(v.systems.has('haproxy') && !v.systems.has('nginx'), 'HAProxy is in the way of the requests', 1),
    must(v.failed > 0 || v.faults('idle', 'closedUnannounced') > 0, 'connections were closed without notice', 1),
    must(v.fresh === 0, 'fresh connections were spared', 1),
    must(v.share('reset', 'closed') === 1 || v.failed === 0, 'closed or reset before the answer began', 1),
    sign(v.faults('idle', 'closedUnannounced') > 0 ? true : null, 2, 'idle sentinels were closed at the same time'),
    sign(v.processes.proxyReplaced, 2, 'processes of HAProxy were replaced just before'),
    sign(v.kind === 'reload', 1, 'in a reload', 0),
  ],
};
