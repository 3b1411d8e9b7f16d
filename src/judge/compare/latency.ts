import type { LatencyChange, QuantileChange } from '../../model/comparison.js';
import { formatMs } from '../../model/units.js';
import { emptyLatencies, type Measure, measure } from '../measure.js';
import { quantileLimits } from '../statistics.js';
import { ENOUGH_RUNS } from './between-runs.js';
import { type FlowSeries, type RunEvidence, type StepKey, stepKeys } from './evidence.js';
import { holm } from './holm.js';
import { LEAST_BLOCKS, leastMs } from './layout.js';
import { type Measured, type RowTests, testRow } from './row-tests.js';

/** Probability of any false finding in a comparison of runs in which nothing has changed. */
export const FAMILY_WISE_ERROR = 0.05;
/** A change below either of these is of no practical importance. */
const LEAST_SHARE = 0.05;
const LEAST_MS = 1;
/** Distance of A12 from one half that Vargha and Delaney call a small effect. */
const SMALL_EFFECT = 0.06;
/** Part of a change that has to be in end - sent too. */
const OWN_PART = 0.5;
/** A change of the baseline by this part of a step's change (of logarithms) may be all there is to it. */
const AS_MUCH = 0.5;
/** Arrivals a second, as a factor of the other's, from which on latencies are those of another load. */
const LOAD_DIFFERS = 1.2;
/** What a reason says that blames the machine. */
export const MACHINE = 'the machine differs';
/** How a reason begins that nothing was compared for the load, and one that the base runs are too few. */
export const OTHER_LOAD = 'another load';
export const FEW_RUNS = 'too few base runs';
/** Fewest draws of a test, and how many for each way that its smallest p-value has to be told from the limit. */
const DRAWS = 9999;
const DRAWS_PER_TEST = 5;

export interface LatencyComparison {
  control: LatencyChange[];
  latency: LatencyChange[];
  /** Flows and quantiles whose baseline itself has changed beyond chance. */
  machine: LatencyChange[];
}

/** A row before anything is decided. */
interface Row {
  key: StepKey;
  flow: string | null;
  samples: { base: number; new: number };
  tests: RowTests | null;
  /** Why there are no tests. */
  silence: string;
  /** Base runs that have the row. */
  runs: number;
  /** Of the quantiles of end - sent, ms: new less that of the base runs together. */
  own: (q: number) => number;
}

type Quantile = 'p50' | 'p99';
const SHARE = { p50: 0.5, p99: 0.99 } as const;

/**
 * Latencies of a run, step by step and flow by flow, against those of earlier runs. A change is one where the adjusted
 * p-value of its test rejects (Holm over all tests of the steps: 5 % for any false one), the interval of the difference
 * leaves 0 out, and the difference matters (5 % and 1 ms; for p50 also an A12 of 0.06 off one half), in end - due as well
 * as in end - sent. It is no change where the baseline of that flow, before any release, has changed the same way by as
 * much, or cannot be compared. All else is `~`.
 */
export function compareLatency(base: readonly RunEvidence[], fresh: RunEvidence): LatencyComparison {
  const rows = rowsOf(base, fresh);
  const control = decide(
    rows.filter(({ key }) => key.isBaseline),
    () => '',
  );
  const latency = decide(
    rows.filter(({ key }) => !key.isBaseline),
    (row, change) => sameInBaseline(control, row, change),
  );
  const machine = control.filter(({ p50, p99 }) => p50.state !== '~' || p99.state !== '~');
  return { control, latency, machine };
}

function rowsOf(base: readonly RunEvidence[], fresh: RunEvidence): Row[] {
  const places = new Map<string, { key: StepKey; flow: string | null; base: Place[]; fresh: Place[] }>();
  const note = (evidence: RunEvidence, side: 'base' | 'fresh'): void => {
    const keys = stepKeys(evidence.run);
    const m = measure(evidence.run);
    for (const series of evidence.series) {
      const key = keys[series.phase];
      if (key === undefined) continue;
      const id = `${key.key} ${series.flow ?? ''}${series.flow === null ? '*' : ''}`;
      const place = places.get(id) ?? { key, flow: series.flow, base: [], fresh: [] };
      place[side].push({ m, series });
      places.set(id, place);
    }
  };
  note(fresh, 'fresh');
  for (const evidence of base) note(evidence, 'base');
  const draws = Math.max(DRAWS, Math.ceil((DRAWS_PER_TEST * 2 * places.size) / FAMILY_WISE_ERROR));
  return [...places].map(([id, place]) => rowOf(id, place, draws));
}

interface Place {
  m: Measure;
  series: FlowSeries;
}

/** A quantile of end - sent in the places together, ms: the target's part alone. */
function ownPart(places: readonly Place[], flow: string | null, q: number): number {
  const all = emptyLatencies();
  for (const { m, series } of places) {
    const own = m.latencies('sinceSent', { label: '', phases: [series.phase] }, flow === null ? {} : { flow });
    if (own.totalCount > 0) all.add(own);
  }
  return quantileLimits(all, q).estimate;
}

function rowOf(
  id: string,
  place: { key: StepKey; flow: string | null; base: Place[]; fresh: Place[] },
  draws: number,
): Row {
  const { key, flow, base } = place;
  const [fresh] = place.fresh;
  const seen = (places: readonly Place[]) => places.reduce((sum, { series }) => sum + series.seen, 0);
  const samples = { base: seen(base), new: seen(place.fresh) };
  const row = { key, flow, samples, tests: null, runs: base.length, own: () => 0 };
  if (fresh === undefined) return { ...row, silence: 'not in the new run' };
  if (base.length === 0) return { ...row, silence: 'only in the new run' };
  const series = base.map((each) => each.series);
  const tests = testRow(series, fresh.series, id, draws);
  if (tests === null) {
    const needed = formatMs(Math.ceil(leastMs([...series, fresh.series]) / 1000) * 1000);
    const silence = `too few samples: ${LEAST_BLOCKS} blocks of half a second and 20 requests are needed on each side, which take ${needed}`;
    return { ...row, silence };
  }
  const load = loadDifference(base, fresh);
  if (load !== null) return { ...row, silence: load };
  const own = (q: number): number => ownPart([fresh], flow, q) - ownPart(base, flow, q);
  return { ...row, tests, silence: '', own };
}

/** Why latencies cannot be held against each other: more or fewer arrived. By when they were due: a slow app answers fewer. */
function loadDifference(base: readonly Place[], fresh: Place): string | null {
  const perSec = ({ due, durationMs }: FlowSeries) => (due * 1000) / durationMs;
  const now = perSec(fresh.series);
  const other = base
    .map(({ series }) => perSec(series))
    .find((rate) => {
      return Math.max(rate, now) > LOAD_DIFFERS * Math.min(rate, now);
    });
  if (other === undefined) return null;
  return `${OTHER_LOAD}: ${Math.round(now)} arrivals a second, and ${Math.round(other)} in the base`;
}

type Veto = (row: Row, change: Measured) => string;

/** Decides on rows that are one family of tests. */
function decide(rows: readonly Row[], veto: Veto): LatencyChange[] {
  const tested = rows.flatMap(({ tests }) =>
    tests === null ? [] : [tests.p50, ...(tests.p99 === null ? [] : [tests.p99])],
  );
  const adjust = (pValues: readonly number[]) =>
    new Map(holm(pValues).map((p, index) => [tested[index] as Measured, p]));
  const adjusted = adjust(tested.map(({ p }) => p));
  const adjustedBlocks = adjust(tested.map(({ pBlocks }) => pBlocks));
  return rows.map((row) => {
    const { key, flow, samples, tests } = row;
    const change = (quantile: Quantile): QuantileChange => {
      const measured = tests?.[quantile] ?? null;
      if (measured === null) return silent(tests === null ? row.silence : 'too few samples for a p99: 299 are needed');
      const p = adjusted.get(measured) as number;
      // Two runs that happen to differ by nothing, or by much, say next to nothing of how much runs differ.
      const few = p >= FAMILY_WISE_ERROR && row.runs < ENOUGH_RUNS && isSlowest(measured);
      const reason =
        silenceOf(row, quantile, measured, few ? (adjustedBlocks.get(measured) as number) : p) ||
        veto(row, measured) ||
        (few ? `${FEW_RUNS}: ${row.runs} cannot say whether runs differ as much, ${ENOUGH_RUNS} can` : '');
      const state = reason !== '' ? '~' : measured.new > measured.base ? 'slower' : 'faster';
      return {
        base: measured.base,
        new: measured.new,
        interval95: measured.interval,
        baseRange: measured.baseRange,
        p: measured.p,
        pAdjusted: p,
        state,
        reason,
      };
    };
    const { step, role } = key;
    return { step, role, flow, samples, a12: tests?.a12 ?? null, p50: change('p50'), p99: change('p99') };
  });
}

/** Slower than every one of several base runs. */
function isSlowest({ new: now, baseRange }: Measured): boolean {
  return baseRange !== null && now > baseRange[1];
}

/** Why a change is none; empty where it is one. */
function silenceOf({ tests, own }: Row, quantile: Quantile, measured: Measured, p: number): string {
  const { base, new: now, interval } = measured;
  const size = Math.abs(now - base);
  const isLarge = (ms: number): boolean => ms >= LEAST_MS && ms >= LEAST_SHARE * base;
  if (p >= FAMILY_WISE_ERROR) return 'no more than chance';
  if (interval[0] <= 0 && interval[1] >= 0) return 'the interval covers no change';
  if (!isLarge(size)) return 'too small to matter';
  if (quantile === 'p50' && Math.abs((tests?.a12 ?? 0.5) - 0.5) < SMALL_EFFECT) return 'too small an effect (A12)';
  const rises = now > base;
  const target = own(SHARE[quantile]) * (rises ? 1 : -1);
  if (target < OWN_PART * size) return 'the harness was late, not the answers';
  return '';
}

/**
 * Whether the baseline of the flow, or of all of them, has changed the same way by as much, in any quantile: a slower
 * machine slows all of them, and the one that is looked at may be hard to measure in a short baseline. Where neither could
 * be compared at all, nothing tells the release from the machine.
 */
function sameInBaseline(control: readonly LatencyChange[], row: Row, change: Measured): string {
  const shift = logRatio(change);
  const own = control.filter(({ flow }) => flow === row.flow || flow === null);
  if (own.every(({ p50 }) => p50.p === null)) {
    return `whether ${MACHINE} cannot be told from the baseline: ${own[0]?.p50.reason ?? 'there is none'}`;
  }
  for (const { base, new: now, interval95 } of own.flatMap(({ p50, p99 }) => [p50, p99])) {
    if (base === null || now === null || interval95 === null) continue;
    const differs = (interval95[0] > 0 || interval95[1] < 0) && Math.abs(now - base) >= LEAST_SHARE * base;
    const inBaseline = logRatio({ base, new: now });
    if (differs && inBaseline * Math.sign(shift) >= AS_MUCH * Math.abs(shift)) {
      return `${MACHINE}: the baseline's went from ${formatMs(base)} to ${formatMs(now)} before any release`;
    }
  }
  return '';
}

function logRatio({ base, new: now }: { base: number; new: number }): number {
  return Math.log(Math.max(now, 0.001) / Math.max(base, 0.001));
}

function silent(reason: string): QuantileChange {
  return { base: null, new: null, interval95: null, baseRange: null, p: null, pAdjusted: null, state: '~', reason };
}
