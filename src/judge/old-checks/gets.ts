import type { FlowPlan } from '../../model/event.js';
import { BUCKET_MS, type Cell, type GetSlot } from '../../model/run.js';
import type { Measure } from '../measure.js';

export function isGet({ method }: Pick<FlowPlan, 'method'>): boolean {
  return method.toUpperCase() === 'GET';
}

/** The cells after the baseline of the flows that GET, or of the others. */
export function cellsAfterBaseline(m: Measure, which: 'get' | 'other'): Cell[] {
  const { flows } = m.run.header.traffic;
  const names = new Set(flows.filter((flow) => isGet(flow) === (which === 'get')).map(({ name }) => name));
  return m.cells(m.whole).filter(({ flow }) => names.has(flow));
}

/**
 * What clients that only GET met after the baseline, by 100 ms: with the 100 ms in which the first step began, which
 * have some of the baseline (`around`), or without (`inside`).
 */
export function slotsAfterBaseline({ run, whole }: Measure, which: 'around' | 'inside'): GetSlot[] {
  const from = run.phases[whole.phases[0] ?? -1]?.startAt ?? Number.POSITIVE_INFINITY;
  return run.getSlots.filter(({ at }) => (which === 'inside' ? at >= from : at + BUCKET_MS > from));
}

/** Whether one service answers everything: else what one of them did says nothing of another. */
export function isOneService({ run }: Measure): boolean {
  return new Set(run.header.traffic.flows.map(({ target }) => target)).size <= 1;
}
