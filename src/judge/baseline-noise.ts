import type { Run } from '../model/run.js';
import type { Threshold } from '../model/threshold.js';
import { formatCount, formatMs } from '../model/units.js';
import { durationMs } from './bounds.js';
import { type Measure, measure } from './measure.js';
import { LEAST_EXCESS_MS, samplesToCompare } from './metrics/latency-baseline.js';
import { quantileOf } from './metrics/metric.js';
import { moreSamples } from './metrics/support.js';
import { type QuantileLimits, quantileLimits } from './statistics.js';

/** A quantile that is known to a factor of this only cannot tell a release from one twice as slow. */
const WIDE_FACTOR = 2;
/** A width below this is that of any machine, ms: one pause of it slows a hundredth of a short baseline. */
const WIDE_MS = 50;
/** How far the spans of the first third and those of the last may lie apart. */
const DRIFT_FACTOR = 1.5;
const DRIFT_MS = 20;
/** Spans of 100 ms with answers that a third needs for a median of its own. */
const BUCKETS_NEEDED = 5;
/** The width of an interval falls with the root of the samples: so many halve it. */
const FOR_HALF = 4;

/** One thing that keeps a baseline from being judged by. */
export interface Noise {
  kind: 'short' | 'wide' | 'drift';
  /** Of the threshold that rests on it; null where any does. */
  origin: Threshold['origin'] | null;
  /** One sentence without its full stop. */
  claim: string;
  evidence: string;
  remedy: string;
}

/**
 * Why the baseline is too short or too noisy for the thresholds that are held against it, as sentences; empty where it
 * is not, or where none is. Said at its end, before the release begins; it stops nothing.
 */
export function baselineNoise(run: Run): string[] {
  return noiseOf(measure(run)).map(({ claim, evidence, remedy }) => `${claim}: ${evidence}. ${remedy}`);
}

export function noiseOf(m: Measure): Noise[] {
  const thresholds = m.run.header.thresholds.filter(
    ({ metric, timesBaseline, comparison }) => metric === 'latency' && timesBaseline && comparison.startsWith('<'),
  );
  if (thresholds.length === 0 || m.tally(m.baseline).requests === 0) return [];
  const found = thresholds.flatMap((threshold) => noiseFor(m, threshold) ?? []);
  const once = found.filter(({ claim }, index) => found.findIndex((other) => other.claim === claim) === index);
  return [...once, ...drift(m)];
}

/** What is wrong with the baseline for one threshold: too few samples, or a quantile that is hardly known. */
function noiseFor(m: Measure, threshold: Threshold): Noise | null {
  const q = quantileOf(threshold);
  if (q === null) return null;
  const { version: _, ...selector } = threshold.selector;
  const known = quantileLimits(m.latencies('sinceDue', m.baseline, selector), q);
  const needed = samplesToCompare(q);
  const forMs = durationMs(m, m.baseline);
  const { origin } = threshold;
  if (known.samples < needed)
    return {
      kind: 'short',
      origin,
      claim: `the baseline is too short for ${nameOf(threshold)}`,
      evidence: `${formatCount(known.samples)} samples, and ${formatCount(needed)} are needed`,
      remedy: `${capitalized(moreSamples(needed, known.samples, forMs, true))}.`,
    };
  const { lower, upper } = known;
  if (lower === null || upper === null || upper <= WIDE_FACTOR * lower || upper - lower <= WIDE_MS) return null;
  return { kind: 'wide', origin, ...wide(threshold, known, lower, upper, forMs) };
}

function wide(threshold: Threshold, known: QuantileLimits, lower: number, upper: number, forMs: number) {
  const reach = threshold.value * upper + LEAST_EXCESS_MS;
  const longer = formatMs(FOR_HALF * forMs);
  return {
    claim: `the baseline is too noisy for ${nameOf(threshold)}`,
    evidence: `its quantile lies anywhere from ${formatMs(lower)} to ${formatMs(upper)} (${formatCount(known.samples)} samples), so that only a release slower than ${formatMs(reach)} crosses it`,
    remedy: `A baseline of ${longer}, or ${FOR_HALF} times the rate if the target can take it, halves that; look for what else is busy on its machine.`,
  };
}

/**
 * A target that was still warming up, or slowing down, is held against a latency that it never had for long. The
 * middle halves of both thirds must lie apart: flows that differ take turns in spans with few answers.
 */
function drift(m: Measure): Noise[] {
  const spans = m.baseline.phases.flatMap((index) => m.run.phases[index] ?? []);
  const medians = m.run.buckets
    .filter(({ at }) => spans.some(({ startAt, endAt }) => at >= startAt && at < endAt))
    .flatMap(({ p50Ms }) => (p50Ms === null ? [] : [p50Ms]));
  const third = Math.floor(medians.length / 3);
  if (third < BUCKETS_NEEDED) return [];
  const first = quartilesOf(medians.slice(0, third));
  const last = quartilesOf(medians.slice(-third));
  const [low, high] = first.median < last.median ? [first, last] : [last, first];
  if (high.lower <= DRIFT_FACTOR * low.upper || high.lower - low.upper <= DRIFT_MS) return [];
  const warmer = first.median > last.median;
  const how = warmer ? 'was still warming up' : 'became slower';
  return [
    {
      kind: 'drift',
      origin: null,
      claim: `the target ${how} during the baseline`,
      evidence: `the median went from ${formatMs(first.median)} in its first third to ${formatMs(last.median)} in its last`,
      remedy: warmer
        ? 'A longer warm-up lets it settle first.'
        : 'Find out why it slows down when nothing is done to it: the rate may be too high for it.',
    },
  ];
}

function nameOf({ metric, selector, expression }: Threshold): string {
  const parts = Object.entries(selector).map(([key, value]) => `${key}:${value}`);
  return `${metric}${parts.length === 0 ? '' : `{${parts.join(',')}}`} ${expression}`;
}

function quartilesOf(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
  return { lower: at(0.25), median: at(0.5), upper: at(0.75) };
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
