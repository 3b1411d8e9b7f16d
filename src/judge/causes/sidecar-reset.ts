import type { Cause } from './cause.js';
import { must } from './sign.js';

export const sidecarReset: Cause = {
  name: 'sidecar-reset',
  mode: 33,
  claim: 'The sidecar of the mesh ended before the app: what it was passing on was reset.',
  signature: '503 "upstream connect error or disconnect/reset before headers" as pods end.',
  because: 'Both containers of a pod get SIGTERM at once.',
  remedy: 'Let the sidecar outlive the app.',
  fixes: {
    kubernetes:
      'Istio: `EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "true"`, or native sidecars (`restartPolicy: Always` in `initContainers`).',
  },
  references: ['https://github.com/istio/istio/issues/7665'],
  signs: (v) => [
    must(v.status(503) > 0.5, 'answered with 503', 0),
    must(v.lines(/reset before headers|envoy|istio/i).length > 0, 'a log speaks of a reset before headers', 4),
  ],
};
