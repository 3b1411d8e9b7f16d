import type { Histogram } from 'hdr-histogram-js';
import type { MachineWatch, Run } from '../../model/run.js';
import type { Threshold } from '../../model/threshold.js';
import { formatMs, formatShare } from '../../model/units.js';
import { durationMs } from '../bounds.js';
import type { Measure } from '../measure.js';
import type { Scope } from '../scope.js';
import { quantileLimits } from '../statistics.js';
import { evaluateTimesBaseline } from './latency-baseline.js';
import { compared, type Evaluate, holds, quantileOf, type Reading, silent } from './metric.js';
import { moreSamples } from './support.js';

/**
 * Latencies from the due time to the last byte, ms; a failed request counts as its timeout. An upper limit is crossed
 * only where it is crossed without the harness' own part as well: what came late because the harness sent it late, or
 * slept while the answer lay there, proves nothing.
 */
export const evaluateLatency: Evaluate = (threshold, m, scope) => {
  const latencies = m.latencies('sinceDue', scope, threshold.selector);
  if (latencies.totalCount === 0) return silent('there were no requests');
  const reading = threshold.timesBaseline
    ? evaluateTimesBaseline(threshold, m, scope)
    : evaluate(threshold, latencies, durationMs(m, scope));
  if (reading.ok !== false || !threshold.comparison.startsWith('<')) return reading;
  const crossed = { ...reading, note: reading.note || failureNote(reading, m, scope, threshold) };
  const doubt = (note: string) => ({ ...reading, ok: null, harness: true, note });
  const starved = starvation(m, scope, quantileOf(threshold));
  if (starved !== null) return doubt(`${starved}: a starved machine is slow everywhere`);
  if (threshold.timesBaseline) return crossed;
  const ownPart = evaluate(threshold, m.latencies('sinceSent', scope, threshold.selector), durationMs(m, scope));
  return ownPart.ok === false ? crossed : doubt('the harness was late: the answers themselves were not that slow');
};

/** Histograms keep three digits. */
const SAME_TIME = 0.999;

/** Where the latency that crosses is that of failed requests, said in words. */
function failureNote({ actual }: Reading, m: Measure, scope: Scope, { selector }: Threshold): string {
  const { timeoutMs } = m.run.header.target;
  const isOfFailures = actual !== null && actual >= SAME_TIME * timeoutMs && m.tally(scope, selector).failed > 0;
  return isOfFailures ? `a failed request counts as its time-out of ${formatMs(timeoutMs)}` : '';
}

/**
 * Where the harness was kept from running for more than this share of the time, it cannot say whose the latency is; of a
 * quantile that leaves less beyond it, for more than that.
 */
const STARVED_SHARE = 0.02;

/**
 * Why slow answers may be the machine's: the harness slept, or the hypervisor took more of the CPU than in the baseline,
 * which may be the server's machine, too. Null where neither reaches the share of the requests that makes the latency.
 */
function starvation(m: Measure, scope: Scope, q: number | null): string | null {
  const limit = q === null ? STARVED_SHARE : Math.min(STARVED_SHARE, 1 - q);
  const { senders, machine } = m.run.generator;
  const slept = senders.flatMap(({ pauses }) => pauses.map((pause) => ({ ...pause, share: 1 / senders.length })));
  const asleep = shareOf(slept, m.run, scope);
  if (asleep > limit) return `the harness did not run for ${formatShare(asleep)} of the time`;
  const stolen = shareOf(machine.stolen, m.run, scope);
  const before = shareOf(machine.stolen, m.run, m.baseline);
  if (stolen - before <= limit) return null;
  return `the hypervisor took ${formatShare(stolen)} of the CPU time, and ${formatShare(before)} in the baseline`;
}

/** Share of a scope's time that was lost. */
function shareOf(lost: MachineWatch['stolen'], { phases }: Run, scope: Scope): number {
  let lostMs = 0;
  let totalMs = 0;
  for (const { startAt, endAt } of scope.phases.flatMap((index) => phases[index] ?? [])) {
    totalMs += endAt - startAt;
    for (const { from, to, share } of lost)
      lostMs += share * Math.max(0, Math.min(to, endAt) - Math.max(from, startAt));
  }
  return totalMs === 0 ? 0 : lostMs / totalMs;
}

function evaluate(threshold: Threshold, latencies: Histogram, forMs: number) {
  const q = quantileOf(threshold);
  return q === null ? plain(threshold, latencies) : quantile(threshold, latencies, q, forMs);
}

/** How many samples a quantile needs, so that at least one is expected beyond it: p99 needs 100. */
function samplesNeeded(q: number): number {
  const beyond = Math.min(q, 1 - q);
  return beyond <= 0 ? 1 : Math.ceil(1 / beyond - 1e-9);
}

function quantile(threshold: Threshold, latencies: Histogram, q: number, forMs: number) {
  const { samples, estimate, lower } = quantileLimits(latencies, q);
  const needed = samplesNeeded(q);
  const reading = compared(threshold, estimate, () => null);
  if (samples >= needed) return reading;
  // Too few for the estimate; where even the lower limit is beyond an upper limit, more samples would not help it.
  const surely = reading.ok === false && lower !== null && !holds(lower, threshold, threshold.value);
  const note = `${samples} samples, and the quantile needs ${needed}; ${moreSamples(needed, samples, forMs)}`;
  return { ...reading, ok: surely ? false : null, note };
}

function plain(threshold: Threshold, latencies: Histogram) {
  const { aggregate } = threshold;
  const us =
    aggregate === 'max'
      ? latencies.maxValue
      : aggregate === 'min'
        ? latencies.getValueAtPercentile(0)
        : aggregate === 'avg'
          ? latencies.mean
          : null;
  return us === null ? silent('a latency has no rate and no count') : compared(threshold, us / 1000, () => null);
}
