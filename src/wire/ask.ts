import type { Outcome } from '../model/outcome.js';
import type { Clock } from '../platform/clock.js';
import { classify } from './classify.js';
import { connectionTo } from './connect.js';
import type { Pending } from './connection.js';
import { type Endpoint, endpointOf } from './endpoint.js';
import type { Exchange } from './exchange.js';
import { needsBody, versionOf } from './expect.js';
import type { RequestPlan, VersionPlan } from './plan.js';

export interface Answer {
  outcome: Outcome;
  version: string | null;
}

export interface AskOptions {
  /** Where a plan with a path is sent; a plan with an absolute URL goes there instead. */
  endpoint: Endpoint;
  userAgent: string;
  timeoutMs: number;
  version: VersionPlan | null;
  clock: Clock;
  signal?: AbortSignal;
}

/** One request on a connection of its own, outside the schedule: readiness checks and questions of the conductor. */
export async function ask(request: RequestPlan, options: AskOptions): Promise<Answer> {
  const { clock, signal } = options;
  const absolute = /^https?:/.test(request.path) ? new URL(request.path) : null;
  const now = () => clock.now();
  const endpoint = absolute === null ? options.endpoint : elsewhere(absolute.origin, options.endpoint);
  const connection = connectionTo(endpoint, 0, now, () => {});
  const finished = new AbortController();
  try {
    const result = await new Promise<Exchange>((resolve, reject) => {
      const pending: Pending = connection.exchange(
        {
          method: request.method,
          target: absolute === null ? request.path : absolute.pathname + absolute.search,
          headers: { 'user-agent': options.userAgent, ...request.headers },
          body: request.body,
          keepBody: needsBody(request.expect, options.version),
        },
        resolve,
      );
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: finished.signal });
      clock.sleep(options.timeoutMs, finished.signal).then(
        () => pending.expire(),
        () => {},
      );
    });
    return {
      outcome: classify(request, result, 'strict'),
      version: result.status === null ? null : versionOf(options.version, result),
    };
  } finally {
    finished.abort();
    connection.destroy();
  }
}

/** An absolute URL of the endpoint's own origin is made as the endpoint says; another one as it stands. */
function elsewhere(origin: string, endpoint: Endpoint): Endpoint {
  return origin === new URL(endpoint.origin).origin ? endpoint : endpointOf(origin);
}
