import type { Phase } from '../../model/run.js';
import type { Threshold } from '../../model/threshold.js';
import { formatMs } from '../../model/units.js';
import { durationMs } from '../bounds.js';
import type { Measure } from '../measure.js';
import type { Scope } from '../scope.js';
import { type QuantileLimits, quantileLimits, trialsForRate95 } from '../statistics.js';
import { quantileOf, type Reading, silent } from './metric.js';
import { moreSamples } from './support.js';

const SAMPLES_NEEDED = 299;
/** An excess below this is never counted, ms. */
export const LEAST_EXCESS_MS = 20;
/** An excess over this counts also where it was seen in a single second, ms. */
const PLAIN_EXCESS_MS = 250;

/** Arrivals a second, as a factor of the baseline's, from which on latencies are those of another load. */
const LOAD_RISE = 1.2;
/** Arrivals of a phase from which on its rate is known well enough. */
const ENOUGH_DUE = 100;

type Kind = 'sinceDue' | 'sinceSent';

/**
 * `k*baseline` is crossed only where the lower 95 % limit of the quantile exceeds k times the upper limit of the
 * baseline's by at least 20 ms, from 299 samples on each side, in two different seconds or by over 250 ms, and in
 * end - due as well as in end - sent. Only in end - due: the harness was late. It is kept where the estimate is
 * within k times the baseline's, or cannot be over it by 20 ms. In between nothing can be said, nor where the scenario let
 * more arrive than in the baseline: that is slower by itself.
 */
export function evaluateTimesBaseline(threshold: Threshold, m: Measure, scope: Scope): Reading {
  const q = quantileOf(threshold);
  if (q === null || !threshold.comparison.startsWith('<'))
    return silent('only an upper limit of a quantile can be compared with the baseline');
  const sinceDue = comparison(threshold, m, scope, 'sinceDue', q);
  const { now, base } = sinceDue;
  const actual = now.samples === 0 ? null : now.estimate;
  const limit = base.samples === 0 ? null : threshold.value * base.estimate;
  const say = (ok: boolean | null, note: string): Reading => ({ actual, limit, ok, note });
  const needed = samplesToCompare(q);
  const fewest = Math.min(now.samples, base.samples);
  if (fewest < needed) {
    const inBaseline = base.samples <= now.samples;
    const more = moreSamples(needed, fewest, durationMs(m, inBaseline ? m.baseline : scope), inBaseline);
    return say(
      null,
      `${fewest} samples ${inBaseline ? 'in the baseline' : 'here'}, and the comparison needs ${needed}; ${more}`,
    );
  }
  if (now.upper === null || base.upper === null) return say(null, 'too few samples for this quantile');
  if (crosses(sinceDue)) {
    const rise = loadRise(m, scope);
    if (rise !== null) return say(null, rise);
    if ((m.tally(scope).unsentBy.dns ?? 0) > 0)
      return { ...say(null, 'the resolver failed meanwhile: fresh connections waited for it'), harness: true };
    if (crosses(comparison(threshold, m, scope, 'sinceSent', q))) return say(false, '');
    return { ...say(null, 'the harness sent late: the answers themselves were not that slow'), harness: true };
  }
  if (now.estimate <= threshold.value * base.estimate) return say(true, '');
  if (now.upper < threshold.value * base.estimate + LEAST_EXCESS_MS)
    return say(true, `over it by less than the ${formatMs(LEAST_EXCESS_MS)} that are noise`);
  return say(null, 'above it, but within the noise of both');
}

/** Samples that a quantile of the baseline, and of what is held against it, needs to have limits. */
export function samplesToCompare(q: number): number {
  return Math.max(SAMPLES_NEEDED, trialsForRate95(1 - q));
}

interface Comparison {
  now: QuantileLimits;
  base: QuantileLimits;
  /** k times the upper limit of the baseline's quantile, ms; null where the samples give none. */
  limit: number | null;
  /** Seconds in which a request took longer than that. */
  seconds: number;
}

function comparison({ selector, value }: Threshold, m: Measure, scope: Scope, kind: Kind, q: number): Comparison {
  // The baseline knows no version of the release.
  const { version: _, ...inBaseline } = selector;
  const now = quantileLimits(m.latencies(kind, scope, selector), q);
  const base = quantileLimits(m.latencies(kind, m.baseline, inBaseline), q);
  const limit = base.upper === null ? null : value * base.upper;
  const seconds = new Set<number>();
  if (limit !== null)
    for (const { maxBySecond } of m.cells(scope, selector))
      for (const [second, highest] of maxBySecond) if (highest[kind] > limit) seconds.add(second);
  return { now, base, limit, seconds: seconds.size };
}

/** Why latencies of a scope cannot be held against the baseline's: more arrived in one of its phases; null where not. */
function loadRise({ run, baseline }: Measure, scope: Scope): string | null {
  const perSec = (phases: readonly Phase[]): number => {
    const ms = phases.reduce((sum, { startAt, endAt }) => sum + endAt - startAt, 0);
    return ms === 0 ? 0 : (phases.reduce((sum, { due }) => sum + due, 0) * 1000) / ms;
  };
  const phasesOf = ({ phases }: Scope): Phase[] => phases.flatMap((index) => run.phases[index] ?? []);
  const before = perSec(phasesOf(baseline));
  const highest = Math.max(0, ...phasesOf(scope).flatMap((phase) => (phase.due < ENOUGH_DUE ? [] : perSec([phase]))));
  if (highest <= LOAD_RISE * before) return null;
  return `${Math.round(highest)} arrivals a second, and ${Math.round(before)} in the baseline: more load is slower by itself`;
}

function crosses({ now, base, limit, seconds }: Comparison): boolean {
  if (now.lower === null || limit === null || Math.min(now.samples, base.samples) < SAMPLES_NEEDED) return false;
  const excess = now.lower - limit;
  return excess >= LEAST_EXCESS_MS && (seconds >= 2 || excess > PLAIN_EXCESS_MS);
}
