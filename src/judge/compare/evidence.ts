import type { StepRole } from '../../model/phase.js';
import type { Run } from '../../model/run.js';
import type { Judgement } from '../../model/verdict.js';
import type { Series } from './series.js';

/** A judged run with its latencies in order of time: what a comparison needs of it. */
export interface RunEvidence {
  /** As it was given. */
  dir: string;
  run: Run;
  judgement: Judgement;
  /** Ordered by phase; the flows of a phase follow all of them together. */
  series: FlowSeries[];
}

/** `flow` is null for all flows together; `phase` is the index in the run. */
export interface FlowSeries extends Series {
  phase: number;
  flow: string | null;
  /** Arrivals that were due in the phase, whenever they ended. */
  due: number;
}

/** By what steps of two runs are matched: their name, their role, and how often both came before in their run. */
export interface StepKey {
  key: string;
  step: string;
  role: StepRole;
  isBaseline: boolean;
}

/** The keys of a run's judged phases by their index; undefined for all others. */
export function stepKeys({ phases }: Run): (StepKey | undefined)[] {
  const seen = new Map<string, number>();
  return phases.map(({ name, role, kind, judged }) => {
    if (!judged) return undefined;
    const id = `${role} ${name}`;
    const before = seen.get(id) ?? 0;
    seen.set(id, before + 1);
    const step = before === 0 ? name : `${name} (${before + 1})`;
    return { key: `${id} ${before}`, step, role, isBaseline: kind === 'baseline' };
  });
}
