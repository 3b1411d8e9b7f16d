import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const haproxyReloadClosesIdle: Cause = {
  name: 'haproxy-reload-closes-idle',
  mode: 4,
  claim: 'HAProxy closed idle keep-alive connections at its reload, under requests that were just being sent on them.',
  signature: 'Losses on reused connections alone, at every reload.',
  because: 'A stopping HAProxy closes the idle connections of its clients at once.',
  remedy:
    'A request sent at that moment is lost: let the old process close a connection only with an answer on it, and clients repeat idempotent requests.',
  fixes: {
    haproxy:
      'HAProxy 2.5 or later: `option idle-close-on-response` in `defaults`. Or change the servers without a reload, by the runtime API.',
  },
  references: ['https://docs.haproxy.org/2.6/configuration.html#option%20idle-close-on-response'],
  signs: (v) => [
    must(v.systems.has('haproxy') && !v.systems.has('nginx'), 'HAProxy is in the way of the requests', 1),
    must(v.failed > 0 || v.faults('idle', 'closedUnannounced') > 0, 'connections were closed without notice', 1),
    must(v.fresh === 0, 'fresh connections were spared', 1),
    must(!v.longLost && v.incident.stalls.length === 0, 'nothing that was under way was lost, and nothing waited', 0),
    must(v.share('reset', 'closed') === 1 || v.failed === 0, 'closed or reset before the answer began', 1),
    sign(v.faults('idle', 'closedUnannounced') > 0 ? true : null, 2, 'idle sentinels were closed at the same time'),
    sign(v.raced > 0.5 && v.pooledClosed > 0 ? true : null, 2, 'other idle connections were closed in the same moment'),
    sign(v.processes.proxyReplaced, 2, 'processes of HAProxy were replaced just before'),
    sign(v.kind === 'reload', 1, 'in a reload', 0),
  ],
};
