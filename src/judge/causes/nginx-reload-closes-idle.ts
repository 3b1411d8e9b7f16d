import type { Cause } from './cause.js';
import { must, sign } from './sign.js';
import { NGINX_SIGNALLED } from './systems.js';

export const nginxReloadClosesIdle: Cause = {
  name: 'nginx-reload-closes-idle',
  mode: 3,
  claim: 'nginx closed idle keep-alive connections at its reload, under requests that were just being sent on them.',
  signature: 'Losses on reused connections alone, within 2 ms of the reuse, at the moment of the reload.',
  because:
    'Before 1.27.4 old workers close their idle connections at once, without `Connection: close` on an answer before.',
  remedy:
    'A request sent at that moment is lost: let clients repeat idempotent requests. Fewer reloads make it rarer, not impossible, and `worker_shutdown_timeout` does not touch idle connections.',
  fixes: {
    nginx:
      'nginx 1.27.4 or later: `keepalive_min_timeout 10s;`, for which old workers keep idle connections and announce the end on the next answer. Or change the upstream without a reload: `server NAME resolve;` with `zone` and `resolver` (nginx 1.27.3 or later), or the API of NGINX Plus.',
  },
  references: ['https://github.com/nginx/nginx/issues/437', 'https://github.com/kubernetes/ingress-nginx/issues/489'],
  signs: (v) => [
    must(v.systems.has('nginx'), 'nginx is in the way of the requests', 0),
    must(v.failed > 0 || v.faults('idle', 'closedUnannounced') > 0, 'connections were closed without notice', 1),
    must(v.fresh === 0, 'fresh connections were spared', 1),
    must(!v.longLost && v.incident.stalls.length === 0, 'nothing that was under way was lost, and nothing waited', 0),
    must(v.share('reset', 'closed') === 1 || v.failed === 0, 'closed or reset before the answer began', 1),
    sign(v.faults('idle', 'closedUnannounced') > 0 ? true : null, 2, 'idle sentinels were closed at the same time'),
    sign(v.raced > 0.5 && v.pooledClosed > 0 ? true : null, 2, 'other idle connections were closed in the same moment'),
    sign(v.output(NGINX_SIGNALLED).length > 0 ? true : null, 2, 'the output of the step says that nginx was signalled'),
    sign(v.processes.proxyReplaced, 3, 'workers of nginx were replaced just before'),
    sign(v.medianMs === null ? null : v.medianMs < 20, 1, 'within milliseconds of the reuse'),
    sign(v.kind === 'switch' || v.kind === 'reload' || v.kind === 'rollback', 1, 'in a step that reloads', 0),
  ],
};
