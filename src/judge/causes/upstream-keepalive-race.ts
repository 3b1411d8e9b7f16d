import type { Cause } from './cause.js';
import { must, sign } from './sign.js';
import type { View } from './view.js';

/** As often as in the baseline is up to so many times as often: both are few. */
const AS_OFTEN = 3;

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
    must(inBaseline(v).length > 0, 'it happened in the baseline too', 5),
    sign(v.unsafe > v.failed / 2, 2, 'mostly methods that the proxy may not repeat'),
    sign(isAsOften(v), 2, 'about as often'),
    sign(v.medianMs !== null && v.medianMs < 30, 1, 'within milliseconds'),
  ],
};

/** The same flows, with 502 of the proxy as well. */
function inBaseline({ run, m, flowsHit }: View): View['run']['failures'] {
  return run.failures.filter(
    ({ phase, flow, version, outcome }) =>
      m.baseline.phases.includes(phase) &&
      flowsHit.includes(flow) &&
      version === null &&
      outcome.kind === 'wrong' &&
      outcome.status === 502,
  );
}

function isAsOften(v: View): boolean {
  const baselineMs = v.m.baseline.phases.reduce((sum, index) => {
    const phase = v.run.phases[index];
    return sum + (phase === undefined ? 0 : phase.endAt - phase.startAt);
  }, 0);
  return v.failed / Math.max(v.durationMs, 1000) <= (AS_OFTEN * inBaseline(v).length) / baselineMs;
}
