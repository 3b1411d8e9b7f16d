import type { Cause } from './cause.js';
import { must, type Sign, sign } from './sign.js';
import type { View } from './view.js';

/** As rarely as this no reused connection would be hit by chance. */
const RARELY = 0.05;
const MOST = 6;

export const listenerQueueLost: Cause = {
  name: 'listener-queue-lost',
  mode: 6,
  claim: 'Connections that waited in the queue of a closing listener were reset (SO_REUSEPORT).',
  signature: 'Resets on fresh connections alone, in the moment in which one of several listeners closes.',
  because: 'With SO_REUSEPORT each process has a queue of its own; what is in it when the socket closes is reset.',
  remedy:
    'Hand the listening sockets to the new process, so that no queue is dropped; or accept what waits before the socket is closed.',
  fixes: { nginx: 'nginx: no `reuseport` where workers are replaced often.' },
  references: ['https://github.com/cloudflare/pingora/issues/427', 'https://github.com/envoyproxy/envoy/issues/15818'],
  signs: (v) => [
    must(v.share('reset') > 0.8, 'connections were reset'),
    must(v.reused === 0 && v.fresh >= 2, 'fresh connections alone', 2),
    spared(v),
    sign(v.commonEnd.share > 0.8, 2, 'in one moment', 1),
    sign(v.durationMs < 500, 1, 'within half a second'),
    sign(v.hardMs < 100, 1, 'while others succeeded'),
  ],
};

/** Weighs as much as it is unlikely, were the failures spread over connections like all requests. */
function spared({ reusedUsual, fresh }: View): Sign {
  const chance = (1 - reusedUsual) ** fresh;
  const weight = Math.min(MOST, Math.round(-Math.log(chance)));
  return sign(chance < RARELY, weight, 'more of them than chance would hit: reused ones were spared', 1);
}
