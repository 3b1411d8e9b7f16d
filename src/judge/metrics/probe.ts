import type { ProbeRun } from '../../model/probe.js';
import { PROBE_FAULT_METRICS, probeOfMetric, type Threshold } from '../../model/threshold.js';
import { formatCount } from '../../model/units.js';
import { faultCount, ownTimeouts, probeRun } from '../probe-faults.js';
import { aggregateOf, compared, type Evaluate, type Reading, silent } from './metric.js';

/** How often a probe found a fault. A default says nothing of a probe that the scenario does not have. */
export const evaluateProbeFault: Evaluate = (threshold, m, scope) => {
  const known = PROBE_FAULT_METRICS.find(({ metric }) => metric === threshold.metric);
  const probe = known === undefined ? undefined : probeRun(m.run, known.probe);
  if (known === undefined || probe === undefined) return withoutProbe(threshold);
  const reason = silentReason(threshold, probe);
  if (reason !== null) return silent(reason);
  if (threshold.aggregate !== 'count') return silent(`${threshold.metric} has a count`);
  if (isUnseen(probe, known.count)) return silent('the ids of the events do not count up: a lost one cannot be seen');
  const found = faultCount(m.run, probe, known, scope);
  const own = ownTimeouts(m.run, probe);
  const timeouts = scope.phases.reduce((sum, phase) => sum + (own.get(phase) ?? 0), 0);
  const isIdle = known.count === 'closedUnannounced' && timeouts > 0;
  const note = isIdle ? `without ${formatCount(timeouts)} closes by the server's own idle timeout` : '';
  const baseline = () => faultCount(m.run, probe, known, m.baseline).count;
  const reading = compared(threshold, found.count, baseline, note);
  return reading.ok === false && found.unproven > 0 && found.unproven >= found.count ? unproven(reading) : reading;
};

/** How long a probe took until it was connected again, ms; 0 where it never had to. */
export const evaluateReconnect: Evaluate = (threshold, m, scope) => {
  const name = probeOfMetric(threshold.metric);
  const probe = name === null ? undefined : probeRun(m.run, name);
  if (probe === undefined) return withoutProbe(threshold);
  const reason = silentReason(threshold, probe);
  if (reason !== null) return silent(reason);
  const times = (of: typeof scope) =>
    probe.times.filter((time) => time.name === 'reconnect' && of.phases.includes(time.phase)).map(({ ms }) => ms);
  const measured = times(scope);
  const actual = aggregateOf(measured, threshold);
  if (actual === null) return silent('a reconnect has a time and a count');
  const note = measured.length > 0 ? '' : 'it never had to connect again';
  return compared(threshold, actual, () => aggregateOf(times(m.baseline), threshold), note);
};

/** Event streams whose ids are no numbering hide what was lost: that none was seen says nothing. */
function isUnseen({ probe, counts }: ProbeRun, count: string): boolean {
  return probe === 'sse' && count === 'lost' && counts.idsConsecutive === 0;
}

function withoutProbe({ origin }: Threshold): Reading | null {
  return origin === 'default' ? null : silent('the scenario has no such probe');
}

function silentReason({ selector, metric }: Threshold, { readyAt }: ProbeRun): string | null {
  if (selector.flow !== undefined || selector.connection !== undefined || selector.version !== undefined)
    return `${metric} can be narrowed down by \`step\` only`;
  return readyAt === null ? 'the probe never worked' : null;
}

/** Faults that are all the harness' own sleep, or the network's, cross nothing. */
function unproven(reading: Reading): Reading {
  const note = 'only while the harness itself was not running, or the control failed too';
  return { ...reading, ok: null, harness: true, note };
}
