import type { Outcome } from '../model/outcome.js';
import type { Clock } from '../platform/clock.js';
import { classify } from './classify.js';
import { Connection } from './connection.js';
import { type Exchange, exchange } from './exchange.js';
import { needsBody, versionOf } from './expect.js';
import type { RequestPlan, VersionPlan } from './plan.js';

export interface Answer {
  outcome: Outcome;
  version: string | null;
}

export interface AskOptions {
  /** Where a plan with a path is sent; a plan with an absolute URL goes there instead. */
  origin: string;
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
  const connection = new Connection(
    0,
    absolute?.origin ?? options.origin,
    () => clock.now(),
    () => {},
  );
  const plan = {
    ...request,
    headers: { 'user-agent': options.userAgent, ...request.headers },
    target: absolute === null ? request.path : absolute.pathname + absolute.search,
    keepBody: needsBody(request.expect, options.version),
  };
  const finished = new AbortController();
  try {
    const result = await new Promise<Exchange>((resolve, reject) => {
      const pending = exchange(connection, plan, () => clock.now(), resolve);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: finished.signal });
      clock.sleep(options.timeoutMs, finished.signal).then(
        () => pending.expire(),
        () => {},
      );
    });
    return {
      outcome: classify(plan, result, 'strict'),
      version: result.status === null ? null : versionOf(options.version, result),
    };
  } finally {
    finished.abort();
    connection.destroy();
  }
}
