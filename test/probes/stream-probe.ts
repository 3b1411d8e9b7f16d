import type { PhaseKind } from '../../src/model/phase.js';
import type { ProbeEvent, ProbeFaultEvent, ProbeName } from '../../src/model/probe.js';
import { clockSince, monotonicNs } from '../../src/platform/clock.js';
import type { ProbeOptions, ProbesPlan } from '../../src/probes/plan.js';
import type { PhaseBegun, Probe } from '../../src/probes/probe.js';
import { type Endpoint, endpointOf } from '../../src/wire/endpoint.js';

const PATIENCE_MS = 12_000;

/** A probe at work in this process. */
export interface Driven {
  events: readonly Recorded[];
  /** Counts of figures and faults so far. */
  count(name: string): number;
  gauge(name: string): number | undefined;
  faults(count: string): ProbeFaultEvent[];
  phase(kind: PhaseKind): void;
  /** Resolved as soon as what was recorded satisfies it. */
  until(what: string, holds: () => boolean): Promise<void>;
  ready(): Promise<void>;
  /** Lets the probe end in order. */
  stop(): Promise<void>;
  /** Ends it at once. */
  abort(): Promise<unknown>;
}

type Recorded = ProbeEvent;

/** Runs a probe against a port of 127.0.0.1, or another endpoint. */
export function drive<Name extends ProbeName>(
  probe: Probe<Name>,
  options: ProbeOptions[Name],
  target: number | Endpoint,
  timeoutMs = 2000,
): Driven {
  const endpoint = typeof target === 'number' ? endpointOf(`http://127.0.0.1:${target}`) : target;
  const clock = clockSince(monotonicNs());
  const stopping = new AbortController();
  const signal = new AbortController();
  const listeners: ((phase: PhaseBegun) => void)[] = [];
  const events: Recorded[] = [];
  const waiting = new Set<() => void>();
  const plan: Omit<ProbesPlan, 'probes'> = {
    endpoint,
    timeoutMs,
    version: null,
    client: 'strict',
    blocked: [{ status: 429, headers: [] }],
    userAgent: 'zdd-verify-test',
    seed: 7,
  };
  const driven: Driven = {
    events,
    count: (name) =>
      driven.faults(name).length +
      events.reduce((sum, event) => sum + (event.type === 'probe-counts' ? (event.counts[name] ?? 0) : 0), 0),
    gauge: (name) => events.reduce<number | undefined>((value, event) => gaugeOf(event, name) ?? value, undefined),
    faults: (count) => events.filter((event) => event.type === 'probe-fault').filter((event) => event.count === count),
    phase: (kind) => {
      for (const listener of listeners) listener({ at: clock.now(), name: kind, kind, role: 'release' });
    },
    until: (what, holds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${what}: ${JSON.stringify(events.slice(-5))}`)), PATIENCE_MS);
        const look = (): void => {
          if (!holds()) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    ready: () => driven.until('ready', () => events.some(({ type }) => type === 'probe-ready')),
    stop: async () => {
      stopping.abort();
      await run;
    },
    abort: () => {
      signal.abort(new Error('no time left'));
      return run.catch((error: unknown) => error);
    },
  };
  const run = probe.run(options, {
    plan,
    clock,
    stopping: stopping.signal,
    signal: signal.signal,
    record: (event) => {
      events.push({ ...event, probe: probe.name });
      for (const look of waiting) look();
    },
    onPhase: (listener) => listeners.push(listener),
  });
  run.catch(() => {});
  return driven;
}

function gaugeOf(event: Recorded, name: string): number | undefined {
  return event.type === 'probe-counts' ? event.gauges[name] : undefined;
}
