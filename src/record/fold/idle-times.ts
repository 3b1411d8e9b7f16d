import type { FlowPlan } from '../../model/event.js';
import type { Sample } from '../../model/sample.js';

export interface IdleLog {
  /** Any sample, that of the warm-up too: what a connection bears does not depend on the release. */
  sample(sample: Sample, flow: number): void;
  /** By the name of the service, ms. */
  borneMs(): Record<string, number>;
}

const ANSWERED: readonly string[] = ['ok', 'wrong', 'blocked'];

/** How long connections to each service were idle at most before a request on them was answered. */
export function createIdleLog(flows: readonly FlowPlan[]): IdleLog {
  const borne: Record<string, number> = Object.fromEntries(flows.map(({ target }) => [target, 0]));
  return {
    sample({ connection, outcome, idleMs }, flow) {
      if (connection !== 'reused' || !ANSWERED.includes(outcome.kind)) return;
      const { target } = flows[flow] as FlowPlan;
      if (idleMs > (borne[target] as number)) borne[target] = idleMs;
    },
    borneMs: () => ({ ...borne }),
  };
}
