import type { Threshold } from '../../model/threshold.js';
import { formatCount, formatMs } from '../../model/units.js';
import { durationMs, largestGapMs } from '../bounds.js';
import type { Measure } from '../measure.js';
import type { Scope } from '../scope.js';

/**
 * The rate and the hold at which `needed` samples would have come, where `have` came in `forMs`: more of them in the
 * same time, or as many a second for longer. In the baseline it is the baseline that has to be longer.
 */
export function moreSamples(needed: number, have: number, forMs: number, inBaseline = false): string {
  if (forMs <= 0) return 'nothing was measured';
  const rate = `${formatCount(roundedUp((needed * 1000) / forMs))}/s they would have come`;
  if (have === 0) return `at ${rate} in the same ${formatMs(forMs)}`;
  const longMs = upToSecond((forMs * needed) / have);
  const longer = inBaseline
    ? `with a baseline of ${formatMs(longMs)}`
    : `in ${formatMs(longMs)} at the same rate (a hold ${formatMs(upToSecond(longMs - forMs))} longer)`;
  return `at ${rate}, or ${longer}`;
}

/** Whether a threshold asks that no outage be as long as its value. `max==0` asks for none at all. */
export function asksForLength({ metric, aggregate, comparison, value, timesBaseline }: Threshold): boolean {
  return metric === 'outage' && aggregate === 'max' && comparison.startsWith('<') && value > 0 && !timesBaseline;
}

/** Why an outage of `limitMs` could lie between two sends of a flow, or (null) of the traffic; null where none could. */
export function hiddenOutage(m: Measure, scope: Scope, flow: string | null, limitMs: number): string | null {
  const gap = largestGapMs(m, scope, flow) ?? durationMs(m, scope);
  if (gap <= limitMs) return null;
  const silence = `nothing${flow === null ? '' : ` of ${flow}`} was sent for ${formatMs(gap)}, over the outage limit of ${formatMs(limitMs)}`;
  return `${silence}; ${denserRate(m, scope, flow, limitMs) ?? 'the schedule would have done, but the harness was late'}`;
}

/** Probability that a random schedule has a gap that is too long. */
const ALPHA = 0.05;
/** Even sends this many times as dense as they have to be have room for late ones, and for flows that take turns. */
const ROOM = 2;

/**
 * The rate at which sends would lie within `limitMs` of each other; null where the one at hand should have done. In an
 * even schedule that is twice 1 / limit. In a Poisson schedule of rate r over a time T one of its r T gaps is longer than L
 * with a probability of about r T exp(-r L) (each gap is exponential): r makes that 5 %. Longer holds do not help.
 */
export function denserRate(m: Measure, scope: Scope, flow: string | null, limitMs: number): string | null {
  const { requests, unsent } = m.tally(scope, flow === null ? {} : { flow });
  const forMs = durationMs(m, scope);
  const isEven = m.run.header.traffic.arrival === 'even';
  const needed = isEven ? ROOM / limitMs : randomRate(limitMs, forMs);
  if (requests + unsent >= needed * forMs * 0.99) return null;
  const hold = isEven ? 'with a hold of any length' : `over the same ${formatMs(forMs)}`;
  const rate = `${formatCount(roundedUp(needed * 1000))}/s${flow === null ? '' : ` of ${flow}`}`;
  return `${rate} would do, ${hold}: a longer one does not help`;
}

/** Arrivals a ms for which r T exp(-r L) is 5 %: the fixed point of r = ln(r T / 0.05) / L. */
function randomRate(limitMs: number, forMs: number): number {
  let rate = ROOM / limitMs;
  for (let step = 0; step < 60; step++) rate = Math.log(Math.max(Math.E, (rate * forMs) / ALPHA)) / limitMs;
  return rate;
}

/** To two digits. */
function roundedUp(rate: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(rate)) - 1);
  return Math.ceil(rate / unit - 1e-9) * unit;
}

/** A tenth of a second below ten seconds, else whole ones: what a scenario would say. */
function upToSecond(ms: number): number {
  const unit = ms < 10_000 ? 100 : 1000;
  return Math.ceil(ms / unit - 1e-9) * unit;
}
