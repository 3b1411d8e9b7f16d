import type { Cause } from './cause.js';
import { lastsFailTimeout } from './shape.js';
import { must, sign } from './sign.js';

export const stopStartBehindProxy: Cause = {
  name: 'stop-start-behind-proxy',
  mode: 2,
  claim:
    'What served behind the proxy was stopped before what follows it had booted: until then the proxy had nobody to ask.',
  signature:
    'The proxy answers 502 or 503 at once, on fresh and reused connections alike, for as long as the boot takes.',
  because: 'The old process ended before the new one listened.',
  remedy: 'Start the new instance beside the old one and switch when it is ready, or reload in place of restart.',
  fixes: {
    gunicorn:
      'gunicorn: `kill -HUP $(cat gunicorn.pid)`; systemd: `ExecReload=/bin/kill -HUP $MAINPID` and `systemctl reload`.',
    nginx: 'nginx: a second `server` in the upstream, switched by file and `nginx -s reload`.',
  },
  references: [],
  signs: (v) => [
    must(v.gateway > 0.3, 'the proxy answered 502, 503 or 504'),
    must(v.share('refused') === 0, 'the proxy itself went on listening', 0),
    sign(v.hardMs >= 150, 3, 'nothing succeeded in that time'),
    sign(v.instances.readyTooEarly ? false : null, 4, 'what follows it was started only then'),
    sign(v.instances.others === null ? null : !v.instances.others, 2, 'no other instance was there'),
    sign(v.processes.appGone, 3, 'no process of the app lived for a time'),
    sign(v.processes.appUntouched === null ? null : !v.processes.appUntouched, 1, 'processes of the app ended', 3),
    sign(v.recovered && !v.untilUndone && !v.outlastsStep, 1, 'it was over when the new one had booted'),
    sign(v.medianMs !== null && v.medianMs < 100, 1, 'the answers came at once'),
    sign(v.fresh > 0 && v.reused > 0, 1, 'fresh and reused connections alike'),
    sign(lastsFailTimeout(v.hardMs) ? false : null, 2, 'not for the 10 s that nginx avoids a server'),
  ],
};
