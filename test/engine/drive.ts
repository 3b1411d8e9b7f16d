import { Dispatch } from '../../src/engine/dispatch.js';
import type { TrafficPlan } from '../../src/engine/plan.js';
import { schedule } from '../../src/engine/schedule.js';
import { isFailure } from '../../src/model/outcome.js';
import type { Sample } from '../../src/model/sample.js';
import type { Expectation } from '../../src/wire/plan.js';

export const ANY_SUCCESS: Expectation = { statuses: null, body: null, json: [], headers: [] };

type Flow = TrafficPlan['flows'][number];

export function flow(part: Partial<Flow> = {}): Flow {
  return { name: 'home', weight: 1, method: 'GET', path: '/', headers: {}, body: null, expect: ANY_SUCCESS, ...part };
}

export function trafficPlan(origin: string, part: Partial<TrafficPlan> = {}): TrafficPlan {
  return {
    origin,
    timeoutMs: 10_000,
    ratePerSec: 200,
    keepaliveShare: 0.8,
    pool: 4,
    client: 'strict',
    maxInFlight: 1000,
    lateLimitMs: 60_000,
    flows: [flow()],
    version: null,
    userAgent: 'test',
    ...part,
  };
}

export interface Driven {
  samples: Sample[];
  idleClosed: ('fin' | 'rst')[];
}

/** Sends the first `arrivals` of the plan's schedule from this process and waits for the fate of each. */
export function drive(plan: TrafficPlan, arrivals: number): Promise<Driven> {
  const samples: Sample[] = [];
  const idleClosed: Driven['idleClosed'] = [];
  const startedAt = performance.now();
  const now = (): number => performance.now() - startedAt;
  const due = schedule({
    ratePerSec: plan.ratePerSec,
    weights: plan.flows.map(({ weight }) => weight),
    keepaliveShare: plan.keepaliveShare,
  });
  return new Promise((resolve) => {
    const dispatch = new Dispatch(plan, now, {
      sample: (sample) => samples.push(sample),
      idleClosed: (_at, _idleMs, how) => idleClosed.push(how),
    });
    let next = due.next().value;
    const tick = setInterval(() => {
      dispatch.expire();
      while (next.seq < arrivals && next.offsetMs <= now()) {
        dispatch.send(next, next.offsetMs);
        next = due.next().value;
      }
      if (samples.length < arrivals || dispatch.inFlight > 0) return;
      clearInterval(tick);
      dispatch.close();
      resolve({ samples, idleClosed });
    }, 1);
  });
}

/** Samples by cause; successes as `ok`. */
export function byCause(samples: Sample[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of samples) {
    const name = outcome.kind === 'ok' ? 'ok' : outcome.cause;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export function failuresOn(samples: Sample[], connection: 'fresh' | 'reused'): number {
  return samples.filter((sample) => sample.connection === connection && isFailure(sample.outcome)).length;
}
