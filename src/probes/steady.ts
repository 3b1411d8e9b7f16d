import type { Endpoint } from '../wire/endpoint.js';
import type { RequestPlan } from '../wire/plan.js';
import { nameOf, withClient } from './client.js';
import type { ProbeContext } from './probe.js';
import { repeat } from './schedule.js';

/** The same request at a constant interval, on fresh and reused connections in turn. */
export async function askSteadily(
  { endpoint, request, everyMs }: { endpoint: Endpoint; request: RequestPlan; everyMs: number },
  context: ProbeContext,
): Promise<void> {
  await withClient(context, endpoint, async (client) => {
    await repeat(context, everyMs, async (number) => {
      const asked = await client.ask(request, { on: number % 2 === 0 ? 'fresh' : 'reused' });
      if (asked.fate === 'failed') client.failed(asked);
      if (asked.fate === 'ok') client.sayReady(`${nameOf(request)} at ${endpoint.origin} every ${everyMs} ms`);
    });
  });
}
