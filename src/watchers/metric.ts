import { messageOf } from '../model/errors.js';
import type { WatchPlanOf } from './plan.js';
import { poll } from './poll.js';
import { createSight } from './sight.js';
import type { Watcher } from './watcher.js';

const EVERY_MS = 1000;
const ANSWER_MS = 3000;
const ANSWER_BYTES = 1024 * 1024;
const SERIES = 20;

/** What a query to Prometheus says, once a second. */
export const metric: Watcher<'metric'> = {
  name: 'metric',
  async watch(plan, context) {
    const sight = createSight(context);
    await poll(context, EVERY_MS, async () => {
      try {
        const values = await ask(plan, context.signal);
        // No series is no value: what was there before may be so no longer.
        if (values.length === 0) sight.blind(`the query ${plan.query} gives no value`);
        else sight.sees();
        for (const { subject, value } of values) context.record({ what: 'value', subject, value, unit: 'number' });
      } catch (error) {
        sight.blind(messageOf(error));
      }
    });
  },
};

interface Value {
  subject: string;
  value: number;
}

async function ask({ prometheus, query, headers }: WatchPlanOf<'metric'>, signal: AbortSignal): Promise<Value[]> {
  const url = `${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`;
  const late = AbortSignal.timeout(ANSWER_MS);
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.any([signal, late]) }).catch(
    (error: Error) => {
      throw late.aborted ? new Error(`no answer within ${ANSWER_MS} ms`) : reasonOf(error);
    },
  );
  const text = await bodyOf(response);
  const answer = parse(text);
  if (answer?.status === 'error') throw new Error(`Prometheus refuses the query: ${String(answer.error)}`);
  if (!response.ok) throw new Error(`Prometheus answers with ${response.status}`);
  if (answer?.status !== 'success') throw new Error('the answer is none of Prometheus');
  return valuesOf(answer.data);
}

/** `fetch` says what happened in the cause alone. */
function reasonOf(error: Error): Error {
  return error.cause instanceof Error ? error.cause : error;
}

async function bodyOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) throw new Error(`an answer of more than ${ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface Answer {
  status?: unknown;
  error?: unknown;
  data?: { resultType?: unknown; result?: unknown };
}

function parse(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return null;
  }
}

/** The values of an instant vector or a scalar; what is no number is none. */
function valuesOf(data: Answer['data']): Value[] {
  const result = Array.isArray(data?.result) ? data.result : [];
  const values =
    data?.resultType === 'scalar'
      ? [{ subject: 'scalar', value: Number(result[1]) }]
      : result.slice(0, SERIES).map((each: { metric?: Record<string, string>; value?: unknown[] }) => ({
          subject: seriesName(each.metric ?? {}),
          value: Number(each.value?.[1]),
        }));
  return values.filter(({ value }) => Number.isFinite(value));
}

/** `orders_total{job="shop"}`. */
function seriesName({ __name__: name = '', ...labels }: Record<string, string>): string {
  const listed = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return listed.length === 0 && name !== '' ? name : `${name}{${listed.join(',')}}`;
}
