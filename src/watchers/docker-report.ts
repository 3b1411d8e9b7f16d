import type { Engine, EngineEvent } from '../platform/docker-engine.js';
import type { WatchContext } from './watcher.js';

/** What is told of containers or of a service, look by look. */
export interface EngineReport {
  /** @throws what the engine does not answer. */
  look(engine: Engine): Promise<void>;
  /** Whether it is about what is watched: then it is looked at once more. */
  event(event: EngineEvent): boolean;
  /** Events were missed. */
  lost(): void;
  /** The run is over. */
  end(): void;
}

/** Values are told once a second. */
const VALUE_MS = 950;

/** Tells how many are ready: running, and healthy where that is checked. */
export function countReady({ record, clock }: Pick<WatchContext, 'record' | 'clock'>): (count: number) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let low: number | null = null;
  return (count) => {
    low = Math.min(low ?? count, count);
    if (clock.now() - toldAt < VALUE_MS) return;
    toldAt = clock.now();
    record({ what: 'value', subject: 'ready', value: low, unit: 'count' });
    low = null;
  };
}
