import { messageOf } from '../model/errors.js';
import type { ProbeEvent } from '../model/probe.js';
import type { Clock } from '../platform/clock.js';
import type { ProbePlan, ProbesPlan } from './plan.js';
import type { PhaseBegun, Probe, ProbeContext } from './probe.js';
import type { ProbesCommand, ProbesMessage } from './protocol.js';
import { REGISTRY } from './registry.js';

/** Starts every probe of the plan; what is returned takes the commands. `ended` is posted once all have returned. */
export function runAll(
  { probes, ...plan }: ProbesPlan,
  clock: Clock,
  post: (message: ProbesMessage) => void,
): (command: ProbesCommand) => void {
  const stopping = new AbortController();
  const aborted = new AbortController();
  const listeners: ((phase: PhaseBegun) => void)[] = [];
  const run = async (probe: ProbePlan): Promise<void> => {
    const record: ProbeContext['record'] = (event) => {
      post({ type: 'event', event: { ...event, probe: probe.probe } as ProbeEvent });
    };
    const context: ProbeContext = {
      plan,
      clock,
      record,
      stopping: stopping.signal,
      signal: aborted.signal,
      onPhase: (listener) => listeners.push(listener),
    };
    try {
      await (REGISTRY[probe.probe] as Probe).run(probe, context);
      if (!aborted.signal.aborted) record({ type: 'probe-ended', at: clock.now() });
    } catch (error) {
      if (!aborted.signal.aborted)
        post({ type: 'fault', reason: `the ${probe.probe} probe broke: ${messageOf(error)}` });
    }
  };
  void Promise.all(probes.map(run)).then(() => post({ type: 'ended' }));
  return (command) => {
    if (command.type === 'phase') for (const listener of listeners) listener(command.phase);
    if (command.type !== 'phase') stopping.abort();
    if (command.type === 'abort') aborted.abort(new Error('no time left'));
  };
}
