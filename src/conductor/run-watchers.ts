import { startWatchers } from '../watchers/start.js';
import type { RunContext } from './context.js';

/**
 * Starts the scenario's watchers, tells them of the phases and puts on record what they see. Returns what ends them. A watcher that breaks halts
 * nothing: the release is not in danger. It is a fault of the harness all the same, and the run proves nothing.
 */
export function runWatchers(context: RunContext): () => Promise<void> {
  const { scenario, clock, recorder, faults, redact, tellPhase } = context;
  if (scenario.watch.length === 0) return async () => {};
  const watchers = startWatchers(scenario.watch, {
    clock,
    clean: redact,
    record: (event) => recorder.event(event),
    onFault: (reason) => faults.push(reason),
  });
  context.tellPhase = (phase) => {
    tellPhase(phase);
    watchers.phase(phase.kind);
  };
  return () => watchers.stop();
}
