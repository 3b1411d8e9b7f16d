import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const streamsCut: Cause = {
  name: 'streams-cut',
  mode: 25,
  claim: 'Long-lived connections (WebSocket, event streams, uploads) were cut when old workers ended.',
  signature: 'They end together, with 1006 or a reset, at the step plus the time workers are given to shut down.',
  because: 'A proxy ends its old workers some time after a reload, whatever is still open.',
  remedy:
    'Give old workers as long as the connections live, or let clients come back (with jitter) and resume where they were.',
  fixes: { nginx: 'nginx: `worker_shutdown_timeout 1h;`, or none.' },
  references: ['https://github.com/kubernetes/ingress-nginx/issues/9516'],
  signs: (v) => [
    must(v.faults('websocket') + v.faults('sse') > 0, 'WebSockets or event streams were cut or lost something', 2),
    sign(v.failed === 0, 2, 'requests of the mix went well'),
    sign(
      v.processes.proxyReplaced === null ? null : v.processes.appEnded?.length === 0 || v.processes.proxyReplaced,
      1,
      'workers of the proxy were replaced',
    ),
    sign(v.intoStepMs > 1000, 1, 'some time after the step began', 0),
  ],
};
