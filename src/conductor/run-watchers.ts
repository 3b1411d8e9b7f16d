import { startWatchers } from '../watchers/start.js';
import type { RunContext } from './context.js';

/**
 * Starts the scenario's watchers and puts on record what they see. Returns what ends them. A watcher that breaks halts
 * nothing: the release is not in danger. It is a fault of the harness all the same, and the run proves nothing.
 */
export function runWatchers({ scenario, clock, recorder, faults, redact }: RunContext): () => Promise<void> {
  if (scenario.watch.length === 0) return async () => {};
  const watchers = startWatchers(scenario.watch, {
    clock,
    clean: redact,
    record: (event) => recorder.event(event),
    onFault: (reason) => faults.push(reason),
  });
  return () => watchers.stop();
}
