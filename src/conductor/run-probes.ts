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
  const { timeoutMs } = scenario.probes;
  const probes = await startProbes(
    { ...scenario.probes, seed, userAgent },
    {
      originNs,
      onMessage: (message) => hear(context, message, timeoutMs),
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

function hear({ recorder, faults }: RunContext, message: ProbesMessage, timeoutMs: number): void {
  if (message.type === 'event') recorder.event(message.event);
  if (message.type !== 'pause') return;
  // Not a pause of the sending threads, whose stalls it must not excuse. Short ones change nothing: answers are read
  // before a request is given up.
  const ms = message.at - message.from;
  if (ms < timeoutMs / 2 || faults.some((fault) => fault.startsWith(STOOD_STILL))) return;
  faults.push(`${STOOD_STILL} for ${Math.round(ms)} ms`);
}

const STOOD_STILL = "the probes' thread stood still";
