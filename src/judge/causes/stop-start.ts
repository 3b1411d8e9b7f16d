import type { Cause } from './cause.js';
import { must, sign } from './sign.js';
import type { View } from './view.js';

export const stopStart: Cause = {
  name: 'stop-start',
  mode: 1,
  claim: 'The server was stopped and started: for a time nobody listened.',
  signature: 'Resets, then refused connections, on fresh and reused ones alike, for as long as the boot takes.',
  because: 'The listening socket was closed with the old process and opened again by the new one.',
  remedy:
    'Let the new process listen before the old one stops: reload in place of restart, a second instance, or a handed-over socket.',
  fixes: {
    nginx: 'nginx: `nginx -t && nginx -s reload`, never `restart`.',
    haproxy:
      'HAProxy: start the new process with `-sf $(cat haproxy.pid)` and `-x` for the listeners, or `systemctl reload haproxy`.',
    pm2: 'PM2: `exec_mode: cluster` and `pm2 reload`.',
    systemd: 'systemd: a `.socket` unit holds the listener while the service restarts.',
  },
  references: [],
  signs: (v) => [
    must(v.share('refused') > 0, 'connections were refused: nobody listened', 2),
    sign(v.hardMs >= 50, 2, 'nothing succeeded in that time'),
    sign(nobodyElse(v), 3, 'nobody else was there to answer'),
    sign(v.instances.readyTooEarly || v.instances.stoppedInRotation ? false : null, 4, 'no other instance was there'),
    sign(v.recovered && !v.untilUndone, 2, 'it was over when the new process listened'),
    sign(
      v.behindProxy && v.processes.appThroughout === true ? null : v.processes.appGone,
      2,
      'no watched process of the app lived for a time',
    ),
    sign(v.behindProxy && !v.relayed && v.share('refused') > 0.3 ? true : null, 2, 'the proxy itself did not listen'),
    sign(v.processes.proxyReplaced, 1, 'the watched proxy was replaced', 0),
    sign(v.intoStepMs < 1500, 1, 'it began with the step'),
    sign(v.gateway === 0, 1, 'no proxy answered in its place'),
  ],
};

/** From this length on it says something that others were answered all the time, ms. */
const LONG_MS = 1000;
/** Connections that are kept may live on while fresh ones are refused: who is answered on them says nothing. */
const MOSTLY_FRESH = 0.7;

/** By the instances that are watched; else null, or false where most were answered all the time: somebody listened. */
function nobodyElse({ instances, hardMs, okShare, durationMs, reused, reusedUsual }: View): boolean | null {
  if (instances.others !== null) return !instances.others;
  if (reused === 0 && reusedUsual > 1 - MOSTLY_FRESH) return null;
  return hardMs < 50 && durationMs >= LONG_MS && okShare !== null && okShare > 0.5 ? false : null;
}
