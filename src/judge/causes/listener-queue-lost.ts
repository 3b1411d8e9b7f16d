import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const listenerQueueLost: Cause = {
  name: 'listener-queue-lost',
  mode: 6,
  claim: 'Connections that waited in the queue of a closing listener were reset (SO_REUSEPORT).',
  signature: 'Resets on fresh connections alone, in the moment in which one of several listeners closes.',
  because: 'With SO_REUSEPORT each process has a queue of its own; what is in it when the socket closes is reset.',
  remedy: 'Hand the listening sockets to the new process, so that no queue is dropped.',
  fixes: { nginx: 'nginx: no `reuseport` where workers are replaced often.' },
  references: ['https://github.com/cloudflare/pingora/issues/427', 'https://github.com/envoyproxy/envoy/issues/15818'],
  signs: (v) => [
    must(v.share('reset') > 0.8, 'connections were reset'),
    must(v.reused === 0 && v.fresh >= 2, 'fresh connections alone', 2),
    sign(v.durationMs < 500, 1, 'within half a second'),
    sign(v.reusedUsual > 0.4, 1, 'while most requests were on reused ones'),
    sign(v.hardMs < 100, 1, 'while others succeeded'),
  ],
};
