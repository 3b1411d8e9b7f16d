import type { Cause } from './cause.js';
import { must, sign } from './sign.js';
import type { View } from './view.js';

export const notReady: Cause = {
  name: 'not-ready',
  mode: 16,
  claim: 'Requests were sent to the new instance before it could answer.',
  signature:
    'Refused, 502 or 503 as the new one joins; the share is its share of the instances; over when it has booted.',
  because: 'Nothing asked whether it is ready, or what was asked says only that it is alive.',
  remedy: 'Give it traffic only when a readiness check, of what requests need, has passed several times in a row.',
  fixes: {
    nginx: 'nginx: poll the new instance itself before the upstream file names it.',
    haproxy: 'HAProxy: `option httpchk GET /readyz` and `check` before `state ready`.',
    kubernetes: 'Kubernetes: a `readinessProbe`.',
    docker: 'Docker: a `healthcheck` with `start_period`.',
  },
  references: ['https://github.com/moby/moby/issues/32079'],
  signs: (v) => [
    must(
      v.gateway + v.appError + v.share('refused', 'reset', 'closed', 'timeout') > 0.8,
      'refused, or answered with 502 or 503',
    ),
    must(v.relayed || !(v.behindProxy && v.share('refused') > 0.3), 'the proxy itself listened', 0),
    sign(othersAnswered(v), 3, 'others answered meanwhile'),
    sign(v.newServedBefore ? false : null, 4, 'the new one had not answered yet'),
    sign(v.instances.readyTooEarly, 5, 'a new instance was called ready seconds before the new version answered', 3),
    sign(v.instances.readyTooEarly ? null : v.processes.appUntouched, 3, 'no old process had ended'),
    sign(v.processes.appBegan === null ? null : v.processes.appBegan.length > 0, 1, 'a new process had just begun'),
    sign(v.kind === 'switch' || v.kind === 'reload' || v.kind === 'custom', 1, 'in the step that moves the traffic'),
    sign(v.recovered && !v.untilUndone, 2, 'it ended by itself'),
    sign(
      v.okShare === null || v.okShare < 0.1 || v.versionsFailed.length === 0
        ? null
        : v.onlyNewVersion && v.status(503) > 0.8,
      3,
      'the new version itself answered 503',
    ),
    sign(v.durationMs >= 300, 1, 'for as long as a boot takes'),
    sign(
      v.share('refused') > 0 || v.gateway > 0.5 || v.status(503) > 0.5,
      1,
      'as of a server that is not there yet',
      3,
    ),
    sign(v.faults('inflight') > 0 ? false : null, 1, 'no long request was cut'),
  ],
};

/** What is refused while others answer: by the instances where these are asked directly, else by the answers. */
function othersAnswered({ behindProxy, relayed, share, instances, processes, okShare }: View): boolean | null {
  if (share('refused') <= 0.3) return null;
  if (relayed) return instances.others;
  return behindProxy || processes.appUntouched === true ? null : (okShare ?? 0) > 0.3;
}
