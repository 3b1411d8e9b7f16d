import { build, type Histogram } from 'hdr-histogram-js';
import { LOST_CAUSES } from '../model/outcome.js';
import type { Cell, Phase, Run, Stall, Tally } from '../model/run.js';
import type { ConnectionKind } from '../model/sample.js';
import { sumTallies } from '../model/tally.js';
import { flowStallLimitMs, stallLimitMs } from '../model/threshold.js';

/** Milliseconds; null where there is no sample. */
export interface Latency {
  p50: number | null;
  p90: number | null;
  p99: number | null;
  p999: number | null;
  max: number | null;
}

export interface PhaseSummary {
  /** Its index in `run.phases`. */
  index: number;
  phase: Phase;
  /** The name, with the role where it is not part of the release: `rollback (rehearsal)`. */
  label: string;
  tally: Tally;
  latency: Latency;
  latencyOk: Latency;
  largestSendGapMs: number | null;
}

export interface Summary {
  totals: Tally;
  byConnection: Record<ConnectionKind, Tally>;
  latency: Latency;
  latencyOk: Latency;
  baseline: Latency;
  /** Everything after the baseline, which is what the verdict speaks of. */
  afterBaseline: { tally: Tally; latency: Latency };
  phases: PhaseSummary[];
  /** Steps of the plan that never began. */
  notReached: { name: string; kind: string }[];
  /** After the baseline. */
  connectionErrors: number;
  longestOutageMs: number;
  longestStallMs: number;
}

/** The sums every output is made of: counts and latency of the run, of each phase and of each connection kind. */
export function summarize(run: Run): Summary {
  const phases = listedPhases(run);
  const after = run.cells.filter((cell) => run.phases[cell.phase]?.kind !== 'baseline');
  const totals = sumTallies(run.cells);
  const afterBaseline = sumTallies(after);
  return {
    totals,
    byConnection: {
      fresh: sumTallies(run.cells.filter((cell) => cell.connection === 'fresh')),
      reused: sumTallies(run.cells.filter((cell) => cell.connection === 'reused')),
    },
    latency: latencyOf(run.cells, 'sinceDue'),
    latencyOk: latencyOf(run.cells, 'sinceDueOk'),
    baseline: latencyOf(
      run.cells.filter((cell) => run.phases[cell.phase]?.kind === 'baseline'),
      'sinceDue',
    ),
    afterBaseline: { tally: afterBaseline, latency: latencyOf(after, 'sinceDue') },
    phases,
    notReached: notReached(run),
    connectionErrors: LOST_CAUSES.reduce((sum, cause) => sum + (afterBaseline.byError[cause] ?? 0), 0),
    longestOutageMs: Math.max(0, ...run.outages.map((outage) => outage.durationMs)),
    longestStallMs: Math.max(0, ...run.stalls.map((stall) => stall.durationMs)),
  };
}

/**
 * Name of a phase for people, no two alike: steps that undo the release say so (the name of one that repeats it does),
 * and of phases with one name all but the first are numbered.
 */
export function phaseLabel(phases: readonly Phase[], index: number): string {
  const labels = phases
    .slice(0, index + 1)
    .map(({ name, role }) => (role === 'emergency' || role === 'rehearsal' ? `${name} (${role})` : name));
  const label = labels.at(-1) ?? '';
  const nth = labels.filter((other) => other === label).length;
  return nth > 1 ? `${label} (${nth})` : label;
}

/** Whether a listed stall is over the limit of one of its flows; the record keeps those over half of it too. */
export function stallIsOver(run: Run, stall: Stall): boolean {
  const limit = stallLimitMs(run.header.thresholds);
  return stall.streams.some((flow) => stall.durationMs > flowStallLimitMs(limit, run.baselineStallMs[flow] ?? 0));
}

/** One histogram (microseconds) of several cells; theirs are left as they are. */
export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const merged = build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3 });
  for (const histogram of histograms) if (histogram.totalCount > 0) merged.add(histogram);
  return merged;
}

export function latencyOf(cells: readonly Cell[], which: 'sinceDue' | 'sinceDueOk'): Latency {
  const merged = mergeHistograms(cells.map((cell) => cell[which]));
  if (merged.totalCount === 0) return { p50: null, p90: null, p99: null, p999: null, max: null };
  const at = (percentile: number) => round(merged.getValueAtPercentile(percentile) / 1000);
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: round(merged.maxValue / 1000) };
}

/** Microsecond resolution; free of the digits that binary fractions add. */
export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** The phases of `run.json`: all but the warm-up, and the teardown unless requests ended in it (the sums must agree). */
function listedPhases(run: Run): PhaseSummary[] {
  return run.phases.flatMap((phase, index) => {
    const cells = run.cells.filter((cell) => cell.phase === index);
    if (phase.kind === 'warmup') return [];
    if (phase.kind === 'teardown' && cells.every((cell) => cell.requests === 0)) return [];
    const gap = run.sendGaps.find((entry) => entry.phase === index && entry.flow === null);
    return {
      index,
      phase,
      label: phaseLabel(run.phases, index),
      tally: sumTallies(cells),
      latency: latencyOf(cells, 'sinceDue'),
      latencyOk: latencyOf(cells, 'sinceDueOk'),
      largestSendGapMs: gap?.maxMs ?? null,
    };
  });
}

function notReached(run: Run): { name: string; kind: string }[] {
  const reached = (name: string, roles: string[]) =>
    run.phases.some((phase) => phase.name === name && roles.includes(phase.role));
  const steps = run.header.steps.filter(({ name }) => !reached(name, ['release']));
  const back = run.header.rehearsal === 'none' ? [] : run.header.rollback;
  return [
    ...steps.map(({ name, kind }) => ({ name, kind: kind as string })),
    ...back
      .filter(({ name }) => !reached(name, ['release', 'emergency', 'rehearsal']))
      .map(({ name }) => ({ name, kind: 'rollback' })),
  ];
}
