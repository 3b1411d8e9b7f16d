import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const haproxyHardStop: Cause = {
  name: 'haproxy-hard-stop',
  mode: 5,
  claim: 'The old HAProxy was stopped at once at its reload, with what it was answering.',
  signature: 'Resets on fresh and reused connections in one moment; nothing is refused.',
  because: '`-st` (or SIGTERM) ends the old process with its requests; `-sf` lets it finish.',
  remedy: 'Reload softly, and hand the listeners over.',
  fixes: {
    haproxy: 'HAProxy: `haproxy -sf $(cat haproxy.pid) -x haproxy.sock`, with `expose-fd listeners` on the socket.',
  },
  references: [],
  signs: (v) => [
    must(v.systems.has('haproxy'), 'HAProxy is in the way of the requests', 0),
    must(v.share('reset', 'closed', 'truncated') > 0.6, 'requests under way were reset'),
    must(v.gateway === 0, 'no answer of a proxy instead', 0),
    sign(v.share('refused') < 0.2, 2, 'hardly any connection was refused'),
    sign(v.commonEnd.share > 0.5, 2, 'they share one end'),
    sign(v.commonEnd.sentSpreadMs > 60, 1, 'and were sent over a longer time'),
    sign(v.processes.proxyReplaced, 2, 'processes of HAProxy were replaced just before'),
    sign(v.kind === 'reload' || v.kind === 'rollback', 2, 'in a reload'),
    sign(v.processes.appUntouched, 2, 'no process of the app ended'),
  ],
};
