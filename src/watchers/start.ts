import { messageOf } from '../model/errors.js';
import type { PhaseKind } from '../model/phase.js';
import type { ObservationEvent } from '../model/watch.js';
import type { Clock } from '../platform/clock.js';
import type { WatchPlan } from './plan.js';
import { REGISTRY } from './registry.js';
import type { Watcher } from './watcher.js';

/** Watchers under way. */
export interface Watchers {
  /** A phase of the run has begun. */
  phase(kind: PhaseKind): void;
  /** Lets each take its last look; resolves when all have ended, within a bounded time. */
  stop(): Promise<void>;
}

export interface WatchersOptions {
  clock: Clock;
  /** Makes secrets unreadable. */
  clean(text: string): string;
  record(event: ObservationEvent): void;
  /** A watcher itself failed: what it was to show is not known. */
  onFault(reason: string): void;
}

/** What the last look may take: a server that is asked once more. */
const LAST_LOOK_MS = 2000;
const ABORT_MS = 1000;

/** Starts the watchers of a scenario, each on its own. */
export function startWatchers(plans: readonly WatchPlan[], options: WatchersOptions): Watchers {
  const { clock, onFault } = options;
  const stopping = new AbortController();
  const abort = new AbortController();
  const running = new Set<string>();
  const listeners: (() => void)[] = [];
  let phase: PhaseKind | null = null;
  const all = Promise.all(
    plans.map(async (plan, watch) => {
      running.add(plan.name);
      const record: Parameters<Watcher['watch']>[1]['record'] = (observation, at = clock.now()) => {
        if (!running.has(plan.name)) return;
        options.record({ type: 'observation', at, watch, ...bounded(observation, options.clean) });
      };
      try {
        const watcher = REGISTRY[plan.kind] as Watcher;
        await watcher.watch(plan, {
          clock,
          stopping: stopping.signal,
          signal: abort.signal,
          phase: () => phase,
          onPhase: (listener) => listeners.push(listener),
          record,
        });
      } catch (error) {
        record({ what: 'blind', detail: `it broke: ${messageOf(error)}` });
        if (!abort.signal.aborted) onFault(`the watcher ${plan.name} broke: ${messageOf(error)}`);
      } finally {
        running.delete(plan.name);
      }
    }),
  );
  return {
    phase(kind) {
      phase = kind;
      for (const listener of listeners) listener();
    },
    stop: async () => {
      stopping.abort();
      if (await within(clock, all, LAST_LOOK_MS)) return;
      abort.abort();
      if (await within(clock, all, ABORT_MS)) return;
      for (const name of running) onFault(`the watcher ${name} did not end`);
      running.clear();
    },
  };
}

/** Characters that are kept of each text. */
const TEXT_CHARS = 500;

/** The same with short texts; they are cut once secrets are unreadable, so that no half of one is left. */
function bounded<T>(value: T, clean: (text: string) => string): T {
  if (typeof value === 'string') return clean(value).slice(0, TEXT_CHARS) as T;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bounded(item, clean)])) as T;
}

async function within(clock: Clock, done: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = clock.sleep(ms, timer.signal).then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([done.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
