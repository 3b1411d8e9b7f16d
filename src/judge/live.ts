import type { Run } from '../model/run.js';
import { type Metric, PROBE_FAULT_METRICS, stallLimitMs, type Threshold } from '../model/threshold.js';
import { formatCount, formatMs } from '../model/units.js';
import { crossedReasons } from './gate.js';
import { type Measure, measure } from './measure.js';
import { neverWorked } from './probes.js';
import { evaluateThresholds, type Row, rowOf } from './thresholds.js';

/** Evidence of the control or the twin is none of the target's failing. */
const BASELINE_METRICS: readonly Metric[] = [
  'http_req_failed',
  'conn_errors',
  'outage',
  ...PROBE_FAULT_METRICS.filter(({ severity }) => severity !== 'evidence').map(({ metric }) => metric),
];

/**
 * What one shard's share of the arrivals says nothing of: with n shards its flows succeed n times as seldom, so that all
 * lengths are n times as long, and the volume is an nth.
 */
const METRICS_OF_ALL_SHARDS: readonly Metric[] = ['outage', 'stall', 'http_reqs'];

/** The thresholds that the record so far can be held against; a shard's is of its own share until all are joined. */
function liveThresholds({ header: { shard, thresholds } }: Run): Threshold[] {
  return shard === undefined ? thresholds : thresholds.filter(({ metric }) => !METRICS_OF_ALL_SHARDS.includes(metric));
}

/**
 * Why the baseline does not hold: the target fails before anything was done to it, or a probe does not work. Empty
 * where it does.
 */
export function baselineFailures(run: Run): string[] {
  const m = measure(run);
  const { ok, requests, unsent, blocked } = m.tally(m.baseline);
  if (requests === 0) {
    return [
      unsent > 0
        ? `none of the ${formatCount(unsent)} arrivals of the baseline was sent`
        : 'no request was answered in the baseline',
    ];
  }
  if (ok === 0 && blocked > 0)
    return [
      `a rate limiter or firewall blocked ${formatCount(blocked)} of the ${formatCount(requests)} requests of the baseline, and none succeeded`,
    ];
  if (ok === 0) return [`all ${formatCount(requests)} requests of the baseline failed`];
  const rows = liveThresholds(run)
    .filter(({ metric, level, selector, timesBaseline }) => {
      const inBaseline = selector.step === undefined || selector.step === 'baseline';
      return BASELINE_METRICS.includes(metric) && level === 'fail' && inBaseline && !timesBaseline;
    })
    .flatMap((threshold) => rowOf(threshold, m, m.baseline) ?? []);
  return [...crossedReasons(rows, 'fail'), ...silentFlows(m), ...stalled(m), ...neverWorked(run)];
}

/** Thresholds with `abortOnFail` that are crossed by now, over everything after the baseline. */
export function abortReasons(run: Run): string[] {
  const m = measure(run);
  const begunAt = run.phases[m.whole.phases[0] ?? -1]?.startAt;
  if (begunAt === undefined) return [];
  const thresholds = liveThresholds(run).filter(
    ({ abortOnFail, delayAbortEvalMs }) => abortOnFail && run.durationMs - begunAt >= delayAbortEvalMs,
  );
  const rows: Row[] = thresholds.flatMap((threshold) =>
    threshold.selector.step === undefined
      ? (rowOf(threshold, m, m.whole) ?? [])
      : evaluateThresholds(measure({ ...run, header: { ...run.header, thresholds: [threshold] } })),
  );
  return (['fail', 'inconclusive', 'warn'] as const).flatMap((level) => crossedReasons(rows, level));
}

function silentFlows(m: Measure): string[] {
  return m.run.header.traffic.flows
    .filter(({ name }) => {
      const { requests, ok } = m.tally(m.baseline, { flow: name });
      return requests > 0 && ok === 0;
    })
    .map(({ name }) => `no request of ${name} succeeded in the baseline`);
}

/** A stall over the limit, but for a flow that takes as long by nature: half of its answers over half the limit. */
function stalled(m: Measure): string[] {
  const thresholds = liveThresholds(m.run);
  if (!thresholds.some(({ metric, level }) => metric === 'stall' && level === 'fail')) return [];
  const limit = stallLimitMs(thresholds);
  return Object.entries(m.run.baselineStallMs)
    .filter(([flow, ms]) => {
      const medianMs = m.latencies('sinceDue', m.baseline, { flow }).getValueAtPercentile(50) / 1000;
      return ms >= limit && medianMs <= limit / 2;
    })
    .map(([flow, ms]) => `no request of ${flow} succeeded for ${formatMs(ms)} in the baseline`);
}
