import type { Pending } from '../wire/connection.js';
import { nameOf, withClient } from './client.js';
import type { Probe, ProbeContext } from './probe.js';
import { repeat } from './schedule.js';

/** What the first request may take: how long it takes by nature is not known yet. */
const PATIENCE_MS = 60_000;

/**
 * Begins a long request every so often, on a fresh and a reused connection in turn, so that one is under way whenever
 * a step begins. After the baseline a request may take twice what the longest one took there, the time-out at least.
 */
export const inflight: Probe<'inflight'> = {
  name: 'inflight',
  async run({ request, everyMs }, context) {
    const { timeoutMs } = context.plan;
    let longestMs = 0;
    let measuring = true;
    context.onPhase(({ kind }) => {
      measuring = kind === 'warmup' || kind === 'baseline';
    });
    await withClient(context, context.plan.endpoint, async (client) => {
      await repeat(context, everyMs, async (number) => {
        const asked = await client.ask(request, {
          on: number % 2 === 0 ? 'fresh' : 'reused',
          timeoutMs: Math.max(timeoutMs, client.ready ? 2 * longestMs : PATIENCE_MS),
          ...(client.ready ? {} : { onPending: (pending: Pending) => endPatience(pending, context) }),
        });
        const { sentAt, endedAt } = asked.result;
        if (asked.fate === 'failed') client.failed(asked);
        if (asked.fate !== 'ok') return;
        if (measuring) longestMs = Math.max(longestMs, endedAt - sentAt);
        client.sayReady(detailOf(nameOf(request), everyMs, endedAt - sentAt));
      });
    });
  },
};

/** The end of the run does not wait for a first request that has its time-out behind it. */
function endPatience(pending: Pending, { plan, clock, stopping, signal }: ProbeContext): void {
  const giveUp = (): void => {
    clock.sleep(plan.timeoutMs, signal).then(
      () => pending.expire(),
      () => {},
    );
  };
  stopping.addEventListener('abort', giveUp, { once: true });
}

function detailOf(name: string, everyMs: number, tookMs: number): string {
  const took = `${name} every ${everyMs} ms, each takes ${Math.round(tookMs)} ms`;
  return tookMs > everyMs ? took : `${took}: shorter than the interval, so that not always one is under way`;
}
