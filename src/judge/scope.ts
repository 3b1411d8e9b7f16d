import type { Run } from '../model/run.js';

/** Fewer arrivals than this are too few for a judgement of their own. */
const ARRIVALS_NEEDED = 10;

/** Part of a run's time. `phases` are indices, ascending; `label` is `run`, or the names of the phases. */
export interface Scope {
  label: string;
  phases: readonly number[];
}

export function baselineScope(run: Run): Scope {
  return { label: 'baseline', phases: judged(run).filter((index) => run.phases[index]?.kind === 'baseline') };
}

/** Everything after the baseline. */
export function runScope(run: Run): Scope {
  const baseline = baselineScope(run).phases.at(-1) ?? -1;
  return { label: 'run', phases: judged(run).filter((index) => index > baseline) };
}

/** The steps after the baseline; one with fewer than 10 arrivals together with the next, the last with the previous. */
export function stepScopes(run: Run): Scope[] {
  const groups: number[][] = [];
  let group: number[] = [];
  const arrivals = (indices: number[]) => indices.reduce((sum, index) => sum + (run.phases[index]?.due ?? 0), 0);
  for (const index of runScope(run).phases) {
    group.push(index);
    if (arrivals(group) < ARRIVALS_NEEDED) continue;
    groups.push(group);
    group = [];
  }
  if (group.length > 0) groups.push([...(groups.pop() ?? []), ...group]);
  return groups.map((phases) => ({ label: phases.map((index) => nameOf(run, index)).join(' + '), phases }));
}

export function nameOf(run: Run, phase: number): string {
  return run.phases[phase]?.name ?? '-';
}

function judged(run: Run): number[] {
  return run.phases.flatMap((phase, index) => (phase.judged ? [index] : []));
}
