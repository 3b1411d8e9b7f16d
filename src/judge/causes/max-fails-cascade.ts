import type { Cause } from './cause.js';
import { lastsFailTimeout } from './shape.js';
import { must, sign } from './sign.js';

export const maxFailsCascade: Cause = {
  name: 'max-fails-cascade',
  mode: 13,
  claim:
    'The proxy left instances alone that were up again: after a failure it avoids them for a time, until none was left.',
  signature:
    '502 or 503 at once, for about the time of `fail_timeout` (10 s) or of the checks, though an instance is up.',
  because:
    'nginx avoids a server for `fail_timeout` after `max_fails` failures; checks need several good answers to bring one back.',
  remedy:
    'Roll slower than `fail_timeout`, or take an instance out before its stop, so that it never counts as failed.',
  fixes: {
    nginx: 'nginx: `server ADDRESS max_fails=0;`, or a pause longer than `fail_timeout` between instances.',
    haproxy: 'HAProxy: wait until `show servers state` says UP (`rise` x `inter`) before the next one is stopped.',
  },
  references: [],
  signs: (v) => [
    must(v.gateway > 0.8, 'the proxy answered 502 or 503'),
    must(!v.systems.has('kubernetes'), 'a proxy with health checks or `max_fails` may be in the way', 0),
    must(v.processes.appReplaced !== false, 'instances had been replaced just before', 1),
    must(v.hardMs >= 300, 'for a time nothing succeeded', 2),
    sign(
      lastsFailTimeout(v.hardMs),
      3,
      'it lasted for the 10 s that nginx avoids a server, unless it is told otherwise',
      0,
    ),
    sign(v.processes.appThroughout, 3, 'though a process of the app lived all the time'),
    sign(v.processes.appUntouched ? true : null, 1, 'none ended when it began'),
    sign(
      v.lines(/no live upstreams|has no server available|is DOWN/i).length > 0 ? true : null,
      4,
      'the log of the proxy says that no server was left',
    ),
  ],
};
