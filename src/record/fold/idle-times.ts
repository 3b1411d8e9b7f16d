import type { FlowPlan } from '../../model/event.js';
import type { Sample } from '../../model/sample.js';
import type { AsleepMs } from './cells.js';

export interface IdleLog {
  /** Any sample, that of the warm-up too: what a connection bears does not depend on the release. */
  sample(sample: Sample, flow: number): void;
  /** By the name of the service, ms. */
  borneMs(): Record<string, number>;
}

const ANSWERED: readonly string[] = ['ok', 'wrong', 'blocked'];

/** Part of its idle time in which the harness slept: such a connection says nothing of how long others may be idle. */
const ASLEEP_SHARE = 0.5;

/** Whether a connection was idle for so long because of the sleep alone: one that wakes with its server may be in time. */
export function isIdleBySleep(idleMs: number, asleepMs: number): boolean {
  return asleepMs > ASLEEP_SHARE * idleMs;
}

/** How long connections to each service were idle at most, the harness awake, before a request on them was answered. */
export function createIdleLog(flows: readonly FlowPlan[], asleepMs: AsleepMs): IdleLog {
  const borne: Record<string, number> = Object.fromEntries(flows.map(({ target }) => [target, 0]));
  return {
    sample({ seq, connection, outcome, sentAt, idleMs }, flow) {
      const { target } = flows[flow] as FlowPlan;
      if (connection !== 'reused' || sentAt === null || idleMs <= (borne[target] as number)) return;
      if (!ANSWERED.includes(outcome.kind) || isIdleBySleep(idleMs, asleepMs(seq, sentAt - idleMs, sentAt))) return;
      borne[target] = idleMs;
    },
    borneMs: () => ({ ...borne }),
  };
}
