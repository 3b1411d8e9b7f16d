import type { Step } from '../steps/step.js';
import type { RunContext } from './context.js';

const LOOK_EVERY_MS = 100;

/**
 * Lets the traffic go on until a number of requests was seen, `maxMs` at most. That they did not come is on record: the
 * release goes on, and its verdict says so.
 */
export async function holdUntil(
  context: RunContext,
  until: NonNullable<Step['holdUntil']>,
  maxMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { clock, recorder } = context;
  const { requests: wanted, version, flow } = until;
  const share = { version, flow };
  const startedAt = clock.now();
  recorder.event({ type: 'hold-started', at: startedAt, forMs: maxMs, until });
  const seen = context.countRequests(share);
  const all = context.countRequests({ version: null, flow: null });
  try {
    while (seen.count() < wanted && clock.now() - startedAt < maxMs) {
      context.onProgress(`hold ${seen.count()}/${wanted}`);
      await clock.sleep(Math.min(LOOK_EVERY_MS, Math.max(1, startedAt + maxMs - clock.now())), signal);
    }
    const at = clock.now();
    const counts = { requests: seen.count(), all: all.count() };
    recorder.event({ type: 'hold-ended', at, ...share, wanted, ...counts, forMs: at - startedAt });
  } finally {
    seen.stop();
    all.stop();
  }
}
