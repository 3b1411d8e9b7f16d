import type { RunHeader } from './event.js';
import { seedOf } from './random.js';

/** Sending threads of all shards of a run together. */
export function sendersOf({ shard, shards, traffic }: RunHeader): number {
  return (shards?.length ?? shard?.of ?? 1) * traffic.threads;
}

/**
 * Which of all senders sends an arrival. Not `seq mod senders`: flows and connection kinds take turns too, and one sender
 * would get all of one kind.
 */
export function senderOf(seq: number, senders: number): number {
  return senders === 1 ? 0 : seedOf(0, seq) % senders;
}
