import { SampleColumns } from '../../src/engine/columns.js';
import { Dispatch } from '../../src/engine/dispatch.js';
import type { TrafficPlan } from '../../src/engine/plan.js';
import { Schedule } from '../../src/engine/schedule.js';
import { isFailure } from '../../src/model/outcome.js';
import { constantRate } from '../../src/model/rate.js';
import { type Sample, sampleAt } from '../../src/model/sample.js';
import { endpointOf } from '../../src/wire/endpoint.js';
import type { Expectation } from '../../src/wire/plan.js';

export const ANY_SUCCESS: Expectation = { statuses: null, body: null, json: [], headers: [] };

type Flow = TrafficPlan['flows'][number];

export function flow(part: Partial<Flow> = {}): Flow {
  return {
    name: 'home',
    weight: 1,
    stream: 0,
    endpoint: 0,
    template: null,
    clients: 0,
    method: 'GET',
    path: '/',
    headers: {},
    body: null,
    expect: ANY_SUCCESS,
    ...part,
  };
}

export function trafficPlan(origin: string, part: Partial<TrafficPlan> = {}): TrafficPlan {
  return {
    endpoints: [endpointOf(origin)],
    timeoutMs: 10_000,
    streams: [{ name: '', rate: constantRate(200) }],
    arrival: 'even',
    seed: 1,
    threads: 1,
    keepaliveShare: 0.8,
    pool: 4,
    client: 'strict',
    maxInFlight: 1000,
    lateLimitMs: 60_000,
    flows: [flow()],
    feeds: [],
    blocked: [],
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
  const columns = new SampleColumns();
  const names = plan.flows.map(({ name }) => name);
  const due = new Schedule(plan);
  return new Promise((resolve) => {
    const place = { sender: 0, senders: 1, now, wallMs: () => Date.now() };
    const dispatch = new Dispatch(plan, place, {
      row: (row) => {
        columns.add(row);
        samples.push(sampleAt(columns.take(), 0, names));
      },
      note: () => {},
      idleClosed: (_at, _idleMs, how) => idleClosed.push(how),
    });
    let taken = 0;
    const tick = setInterval(() => {
      dispatch.expire();
      for (; taken < arrivals && due.nextOffsetMs <= now(); taken += 1) {
        const dueAt = due.nextOffsetMs;
        dispatch.send(due.take(), dueAt);
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
    const name = outcome.kind === 'ok' || outcome.kind === 'blocked' ? outcome.kind : outcome.cause;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export function failuresOn(samples: Sample[], connection: 'fresh' | 'reused'): number {
  return samples.filter((sample) => sample.connection === connection && isFailure(sample.outcome)).length;
}
