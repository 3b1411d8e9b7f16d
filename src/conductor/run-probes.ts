import type { ProbesMessage } from '../probes/protocol.js';
import { startProbes } from '../probes/start.js';
import type { RunContext } from './context.js';

/**
 * Starts the scenario's probes beside the traffic and puts on record what they say. Resolves with what ends them: they
 * finish what is under way and read back what was acknowledged, within a bounded time.
 */
export async function runProbes(context: RunContext, seed: number): Promise<() => Promise<void>> {
  const { scenario, userAgent, originNs, halt, faults } = context;
  if (scenario.probes === null) return async () => {};
  const probes = await startProbes(
    { ...scenario.probes, seed, userAgent },
    {
      originNs,
      onMessage: (message) => hear(context, message),
      onFault: (detail) => {
        faults.push(detail);
        halt.request({ cause: 'harness', detail });
      },
    },
    // A fault that was reported: the halt ends the run.
  ).catch(() => null);
  if (probes === null) return async () => {};
  const { tellPhase } = context;
  context.tellPhase = (phase) => {
    tellPhase(phase);
    probes.phase(phase);
  };
  return () => probes.stop();
}

function hear({ recorder }: RunContext, message: ProbesMessage): void {
  if (message.type === 'event') recorder.event(message.event);
  // Not a pause of the sending threads, whose stalls it must not excuse.
  if (message.type === 'pause') recorder.event({ ...message, of: 'probes' });
}
