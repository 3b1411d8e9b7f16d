import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PhaseKind } from '../../src/model/phase.js';
import type { Observation, ObservationEvent, WatcherName } from '../../src/model/watch.js';
import { clockSince, monotonicNs } from '../../src/platform/clock.js';
import type { WatchOptions, WatchPlanOf } from '../../src/watchers/plan.js';
import { REGISTRY } from '../../src/watchers/registry.js';
import type { Watcher } from '../../src/watchers/watcher.js';

const PATIENCE_MS = 12_000;

export type Seen<What extends Observation['what'] = Observation['what']> = Extract<ObservationEvent, { what: What }>;

/** A watcher at work in this process. */
export interface Watched {
  events: readonly ObservationEvent[];
  all<What extends Observation['what']>(what: What): Seen<What>[];
  /** Resolved as soon as what was seen satisfies it. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** It has said that it sees. */
  sees(): Promise<void>;
  now(): number;
  /** A phase of the run begins. */
  phase(kind: PhaseKind): void;
  /** Lets it take its last look. */
  stop(): Promise<void>;
  /** Ends it at once. */
  abort(): Promise<unknown>;
}

/** Runs a watcher with its options until the test ends. */
export function watching<Name extends WatcherName>(
  kind: Name,
  options: WatchOptions[Name],
  on: WatchPlanOf<Name>['on'] = null,
): Watched {
  const clock = clockSince(monotonicNs());
  const stopping = new AbortController();
  const signal = new AbortController();
  const events: ObservationEvent[] = [];
  const waiting = new Set<() => void>();
  const listeners: (() => void)[] = [];
  let phase: PhaseKind | null = null;
  const plan = { kind, name: kind, of: kind, on, ...options } as unknown as WatchPlanOf<WatcherName>;
  const run = (REGISTRY[kind] as Watcher).watch(plan, {
    clock,
    stopping: stopping.signal,
    signal: signal.signal,
    phase: () => phase,
    onPhase: (listener) => listeners.push(listener),
    record: (observation, at = clock.now()) => {
      events.push({ type: 'observation', at, watch: 0, ...observation });
      for (const look of waiting) look();
    },
  });
  run.catch(() => {});
  const stop = async (): Promise<void> => {
    stopping.abort();
    await run;
  };
  onTestFinished(stop);
  const watched: Watched = {
    events,
    all: (what) => events.filter((event): event is Seen<typeof what> => event.what === what),
    until: (what, holds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${what}: ${JSON.stringify(events.slice(-8))}`)), PATIENCE_MS);
        const look = (): void => {
          if (!holds()) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    sees: () => watched.until('it sees', () => events.some(({ what }) => what === 'sees')),
    now: () => clock.now(),
    phase(kind) {
      phase = kind;
      for (const listener of listeners) listener();
    },
    stop,
    abort: () => {
      signal.abort(new Error('no time left'));
      stopping.abort();
      return run.catch((error: unknown) => error);
    },
  };
  return watched;
}

/** A folder that is gone after the test. */
export function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'zdd-watch-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
