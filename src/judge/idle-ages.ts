import type { ProbeRun } from '../model/probe.js';
import type { Run } from '../model/run.js';

/** Two idle ages are the same where they differ by no more than this share of the longer. */
const SAME_SHARE = 0.1;

/** How long connections had been idle when the server closed them in the baseline, ms: its own idle timeout. */
export function ownIdleAges({ phases }: Run, probe: ProbeRun): number[] {
  return [...probe.faults, ...probe.unlisted]
    .filter(({ count, phase }) => count === 'closedUnannounced' && phases[phase]?.kind === 'baseline')
    .map(({ at, since }) => at - since);
}

export function isOwnTimeout(ages: readonly number[], idleMs: number): boolean {
  return ages.some((age) => Math.abs(age - idleMs) <= SAME_SHARE * Math.max(age, idleMs));
}
