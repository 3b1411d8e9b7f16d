import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const upstreamKeepaliveRace: Cause = {
  name: 'upstream-keepalive-race',
  mode: 7,
  claim:
    'The app closes idle connections of the proxy sooner than the proxy does: a request now and then is sent into the close. It is not the release.',
  signature: '502 within milliseconds, mostly for POST, now and then, in the baseline as well.',
  because: "The app's idle timeout is shorter than the proxy's.",
  remedy: "Make the app's idle timeout longer than the proxy's.",
  fixes: {
    node: 'Node: `server.keepAliveTimeout = 75_000` (default 5 s), longer than the proxy keeps idle connections.',
    gunicorn: 'gunicorn: `keepalive = 75`.',
    nginx: 'nginx: `keepalive_timeout` in the `upstream` below that of the app.',
  },
  references: ['https://github.com/nodejs/node/issues/20256'],
  signs: (v) => [
    must(v.gateway > 0.8, 'the proxy answered 502'),
    must(v.m.tally(v.m.baseline).failed > 0, 'it happened in the baseline too', 3),
    sign(v.unsafe > v.failed / 2, 2, 'mostly methods that the proxy may not repeat'),
    sign(v.failed <= 5, 1, 'a few requests only'),
    sign(v.medianMs !== null && v.medianMs < 30, 1, 'within milliseconds'),
  ],
};
