import type { Run } from '../../model/run.js';
import type { PhaseLog } from './phases.js';
import { toMicros } from './resolution.js';

export interface SendGapLog {
  /** A time without a send, of one flow or (null) of the traffic as a whole. */
  gap(flow: string | null, from: number, to: number): void;
  gaps(): Run['sendGaps'];
}

/**
 * Largest gap between sends, of each flow in each phase. A gap that reaches over several phases counts whole in each
 * of them: an outage as long as it could have hidden there.
 */
export function createSendGapLog(log: PhaseLog): SendGapLog {
  const byPhase: Map<string | null, number>[] = [];
  return {
    gap(flow, from, to) {
      for (let phase = log.at(to); phase >= 0; phase--) {
        const { startAt, judged } = log.phases[phase] as (typeof log.phases)[number];
        if (!judged) continue;
        const largest = byPhase[phase] ?? new Map<string | null, number>();
        byPhase[phase] = largest;
        largest.set(flow, Math.max(largest.get(flow) ?? 0, toMicros(to - from)));
        if (startAt <= from) break;
      }
    },
    gaps: () =>
      log.phases.flatMap((_, phase) =>
        [...(byPhase[phase] ?? [])]
          .map(([flow, maxMs]) => ({ phase, flow, maxMs }))
          .sort((a, b) => (a.flow === b.flow ? 0 : a.flow === null || (b.flow !== null && a.flow < b.flow) ? -1 : 1)),
      ),
  };
}
