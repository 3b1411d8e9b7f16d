import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Scenario } from '../../scenario/scenario.js';

/** Shards of one run at most. */
export const MOST_SHARDS = 64;
/** The conductor says that it is there this often, and a follower asks for its clock, ms. */
export const BEAT_MS = 1000;
/** Who was not heard for this long is lost, ms. */
export const LOST_MS = 10_000;
/** A follower that has nothing in flight any more, and of whose record no byte came for this long, is lost, ms. */
export const RECORD_SILENCE_MS = 60_000;
/** An order or an answer is no longer than this, bytes. */
export const MOST_BYTES = 64 * 1024;

const time = z.number().min(0).max(1e12);

/** What the conductor tells its followers, one line of JSON each. Times are ms since its run's start. */
export const orderLine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    runId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
    seed: z
      .int()
      .min(0)
      .max(2 ** 32),
    startedAt: z.iso.datetime(),
  }),
  z.object({ type: z.literal('begin'), firstDueAt: time }),
  z.object({
    type: z.literal('rate'),
    from: time,
    stream: z.int().min(0).max(10_000),
    ratePerSec: z.number().min(0).max(1e7).nullable(),
  }),
  z.object({ type: z.literal('stop'), at: time }),
  /** The run is over before its traffic began. */
  z.object({ type: z.literal('dismissed'), reason: z.string().max(2000) }),
  z.object({ type: z.literal('beat') }),
]);
export type OrderLine = z.infer<typeof orderLine>;

/** The conductor's clock. */
export const clockAnswer = z.object({ now: time });

/** How a follower ended. */
export const farewell = z.object({ faults: z.array(z.string().max(2000)).max(100) });

/** Files of a record that a follower hands over. */
export const HANDED_OVER = ['journal.ndjson', 'samples.arrow'] as const;

/**
 * What must be the same in every shard: with another scenario, rate or version they would not send one schedule, or would
 * not expect the same of an answer. The machine's own limits may differ; the sending threads are compared by their number.
 */
export function planDigest({ traffic, target }: Scenario, toolVersion: string): string {
  const { maxInFlight: _, threads: __, ...plan } = traffic;
  return createHash('sha256')
    .update(JSON.stringify({ plan, url: target.url, toolVersion }, lossless))
    .digest('hex');
}

/** The values of a plan that JSON would make the same of: a RegExp `{}`, and no finite number `null`. */
function lossless(_key: string, value: unknown): unknown {
  if (value instanceof RegExp) return { source: value.source, flags: value.flags };
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) };
  return value;
}
