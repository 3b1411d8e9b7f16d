import type { Cause } from './cause.js';
import { must, sign } from './sign.js';
import type { View } from './view.js';

export const stoppedInRotation: Cause = {
  name: 'stopped-in-rotation',
  mode: 15,
  claim: 'An instance was stopped while requests were still sent to it.',
  signature: '502, 503, 504 or refused for a share of the requests, for seconds, until the balancer notices.',
  because: 'Checks and endpoint lists need time to propagate; the stop did not wait for it.',
  remedy: 'Take the instance out first, wait longer than the propagation takes, then stop it.',
  fixes: {
    haproxy: 'HAProxy: `state drain`, then `state maint`, then stop.',
    kubernetes: 'Kubernetes: `lifecycle.preStop: { sleep: { seconds: 10 } }`.',
  },
  references: [
    'https://github.com/kubernetes/kubernetes/issues/43576',
    'https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1064',
  ],
  signs: (v) => [
    must(
      v.gateway + v.share('reset', 'closed', 'timeout', ...(v.relayed ? (['refused'] as const) : [])) > 0.8,
      'cut, or answered by the proxy',
    ),
    must(v.behindProxy, 'something stands in front of the instances', 0),
    must(v.relayed || !(v.share('refused') > 0.3), 'the proxy itself listened', 0),
    sign(
      v.instances.stoppedInRotation,
      3,
      'requests failed as an instance was told to end that still got some, while others went on',
    ),
    sign(v.instances.readyTooEarly ? false : null, 5, 'new instances answered as soon as they were called ready'),
    sign(
      v.instances.stoppedInRotation !== true && v.fresh === 0 && v.failed >= 5 && v.reusedUsual < 0.95 ? false : null,
      4,
      'fresh connections failed as well',
    ),
    must(v.durationMs >= 250, 'for longer than a moment', 1),
    sign(
      v.okShare === null ? null : v.okShare > 0.2 && (v.okShare < 0.98 || v.instances.stoppedInRotation === true),
      3,
      'a share of the requests',
    ),
    sign(v.hardMs < 300, 1, 'while the other instances answered'),
    sign(v.instances.others === false ? false : null, 4, 'another instance was there all the time'),
    sign(endedNear(v), 2, 'a process of the app ended just before'),
    sign(v.durationMs < 30_000 && v.recovered, 1, 'until the balancer noticed'),
    sign(v.lines(/is DOWN/i).length > 0 ? true : null, 2, 'the balancer counts a server as down'),
    sign(v.kind === 'migrate' ? false : null, 4, 'in a step that replaces instances'),
    sign(v.commonEnd.share < 0.6, 1, 'spread over that time'),
  ],
};

/** Who is told to end may still finish what it has: that nobody had ended says nothing then. */
function endedNear({ processes, instances }: View): boolean | null {
  if (processes.appEnded === null) return null;
  return processes.appEnded.length > 0 || (instances.stoppedInRotation ? null : false);
}
