import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

/** The same race as at a reload of nginx or HAProxy, where the record does not say who closed. */
export const idleClosedUnderRequests: Cause = {
  name: 'idle-closed-under-requests',
  mode: null,
  claim: 'Idle keep-alive connections were closed without notice, under requests that were just being sent on them.',
  signature: 'Losses on reused connections alone, within milliseconds of the reuse and before a byte of an answer.',
  because:
    'A proxy that is reloaded, or a server that ends, closes its idle connections at once, without `Connection: close` on an answer before.',
  remedy:
    'A request sent at that moment is lost: announce `Connection: close` on the last answer before closing, and let clients repeat idempotent requests. Where a proxy closes them at its reload: nginx 1.27.4 or later `keepalive_min_timeout 10s;`, HAProxy 2.5 or later `option idle-close-on-response`.',
  references: ['https://github.com/nginx/nginx/issues/437'],
  signs: (v) => [
    must(!v.systems.has('nginx') && !v.systems.has('haproxy'), 'no known proxy is in the way', 0),
    must(v.fresh === 0, 'fresh connections were spared', 1),
    must(!v.longLost && v.incident.stalls.length === 0, 'nothing that was under way was lost, and nothing waited', 0),
    must(v.raced === 1, 'closed or reset within milliseconds of the reuse, before the answer began', 2),
    sign(
      v.pooledClosed > 0 || v.faults('idle', 'closedUnannounced') > 0,
      3,
      'other idle connections were closed in the same moment',
      2,
    ),
    sign(v.hardMs < 150, 1, 'other requests succeeded meanwhile'),
  ],
};
