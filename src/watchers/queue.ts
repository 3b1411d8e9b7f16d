import { messageOf } from '../model/errors.js';
import { poll } from './poll.js';
import { connectRedis, type Redis } from './redis.js';
import { createSight } from './sight.js';
import type { Watcher } from './watcher.js';

const EVERY_MS = 500;

/** How the length of each kind of queue is asked for; a key that is not there is an empty queue. */
const LENGTH: Readonly<Record<string, string>> = { list: 'LLEN', zset: 'ZCARD', set: 'SCARD', stream: 'XLEN' };

/** The length of queues in Redis: lists (RQ, Celery), sorted sets, sets and streams. */
export const queue: Watcher<'queue'> = {
  name: 'queue',
  async watch({ redis: url, keys }, context) {
    const sight = createSight(context);
    let redis: Redis | null = null;
    try {
      await poll(context, EVERY_MS, async () => {
        try {
          redis ??= await connectRedis(url, context.signal);
          for (const key of keys) {
            context.record({ what: 'value', subject: key, value: await lengthOf(redis, key), unit: 'count' });
          }
          sight.sees();
        } catch (error) {
          redis?.close();
          redis = null;
          sight.blind(messageOf(error));
        }
      });
    } finally {
      (redis as Redis | null)?.close();
    }
  },
};

async function lengthOf(redis: Redis, key: string): Promise<number> {
  const type = String(await redis.ask('TYPE', key));
  if (type === 'none') return 0;
  const command = Object.hasOwn(LENGTH, type) ? LENGTH[type] : undefined;
  if (command === undefined) throw new Error(`${key} is a ${type}, which has no length`);
  return Number(await redis.ask(command, key));
}
