import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const nginxReloadClosesIdle: Cause = {
  name: 'nginx-reload-closes-idle',
  mode: 3,
  claim: 'nginx closed idle keep-alive connections at its reload, under requests that were just being sent on them.',
  signature: 'Losses on reused connections alone, within 2 ms of the reuse, at the moment of the reload.',
  because:
    'Before 1.27.4 old workers close their idle connections at once, without `Connection: close` on an answer before.',
  remedy: 'Let clients repeat idempotent requests, or end keep-alive with notice before the reload.',
  fixes: { nginx: 'nginx 1.27.4 or later: `keepalive_min_timeout 10s;`.' },
  references: ['https://github.com/nginx/nginx/issues/437', 'https://github.com/kubernetes/ingress-nginx/issues/489'],
  signs: (v) => [
    must(v.systems.has('nginx'), 'nginx is in the way of the requests', 0),
    must(v.failed > 0 || v.faults('idle', 'closedUnannounced') > 0, 'connections were closed without notice', 1),
    must(v.fresh === 0, 'fresh connections were spared', 1),
    must(v.share('reset', 'closed') === 1 || v.failed === 0, 'closed or reset before the answer began', 1),
    sign(v.faults('idle', 'closedUnannounced') > 0 ? true : null, 2, 'idle sentinels were closed at the same time'),
    sign(v.processes.proxyReplaced, 3, 'workers of nginx were replaced just before'),
    sign(v.medianMs === null ? null : v.medianMs < 20, 1, 'within milliseconds of the reuse'),
    sign(v.kind === 'switch' || v.kind === 'reload' || v.kind === 'rollback', 1, 'in a step that reloads', 0),
  ],
};
