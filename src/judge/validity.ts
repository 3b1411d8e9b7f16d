import type { Run } from '../model/run.js';
import { stallLimitMs } from '../model/threshold.js';
import { formatCount, formatMs } from '../model/units.js';
import { blockedDoubts } from './blocked.js';
import { largestGapMs } from './bounds.js';
import { cacheDoubts } from './cache.js';
import type { Doubt } from './doubt.js';
import { type Evidence, ownMs } from './evidence.js';
import { baselineFailures } from './live.js';
import { explained, machineReasons } from './machine.js';
import type { Measure } from './measure.js';
import { asksForLength, denserRate } from './metrics/support.js';
import { probeDoubts } from './probes.js';
import { releaseOf, releaseSentence, stepsLeftOut } from './release.js';
import { windowReasons } from './release-window.js';
import { type Row, unprovenReason } from './thresholds.js';
import { unsentReasons } from './unsent.js';
import type { VersionChange } from './version-change.js';

/** Every doubt, the gravest first; none makes the run conclusive. */
export function doubtsOf(m: Measure, evidence: Evidence, change: VersionChange, rows: readonly Row[]): Doubt[] {
  const { run } = m;
  const of = (kind: Doubt['kind'], reasons: readonly string[]) => reasons.map((reason) => ({ kind, reason }));
  const lapses = [...sendGap(m), ...unseenPhases(run), ...asleep(evidence)];
  return [
    ...of('fault', run.end?.faults ?? []),
    ...of('record', run.cut ? ['the run was cut: its record has no end'] : []),
    ...of('record', shareOnly(run)),
    ...of('record', run.recordFaults),
    ...of('harness', [
      ...(run.header.shards ?? []).flatMap(({ problems }) => problems),
      ...unsentReasons(m),
      ...lapses.map((reason, index) => (index === 0 ? explained(m, reason) : reason)),
    ]),
    ...of('harness', lapses.length === 0 ? machineReasons(m) : []),
    ...of('release', unfinished(m)),
    ...blockedDoubts(m),
    ...cacheDoubts(m),
    ...probeDoubts(m, evidence),
    ...of('proof', [...unsoundBaseline(m), ...nothingMeasured(m), ...change.missing, ...leftOut(run)]),
    ...of('policy', windowReasons(run)),
    ...of('policy', [...new Set(rows.flatMap((row) => unprovenReason(row) ?? []))]),
  ];
}

/** The record of one shard says nothing of the others' requests. */
function shareOnly({ header: { shard } }: Run): string[] {
  if (shard === undefined) return [];
  return [`this is the record of shard ${shard.number} of ${shard.of} alone: zdd-verify merge DIR... joins them`];
}

/** Doubts about the harness itself, by which it is `healthy` or not. */
export function isAboutHarness({ kind }: Doubt): boolean {
  return kind === 'fault' || kind === 'harness' || kind === 'record';
}

/**
 * Times in which the harness sent nothing. A gap over an outage limit is its own lapse where the schedule was dense
 * enough; where it was not, the threshold itself says so.
 */
function sendGap(m: Measure): string[] {
  const gap = largestGapMs(m, m.whole, null) ?? 0;
  const { thresholds } = m.run.header;
  const stallMs = stallLimitMs(thresholds);
  const outages = thresholds.filter((threshold) => threshold.level !== 'warn' && asksForLength(threshold));
  const least = Math.min(...outages.map(({ value }) => value));
  const silence = `nothing was sent for ${formatMs(gap)}`;
  if (gap > stallMs / 2) {
    const rate = denserRate(m, m.whole, null, stallMs / 2);
    const remedy = rate === null ? '' : `; ${rate}`;
    return [`${silence}, over half the stall limit of ${formatMs(stallMs)}${remedy}`];
  }
  const isLapse = gap > least && denserRate(m, m.whole, null, least) === null;
  return isLapse ? [`${silence}, over the outage limit of ${formatMs(least)}`] : [];
}

function unseenPhases(run: Run): string[] {
  return run.phases
    .filter(({ judged, due, sampled }) => judged && due >= 10 && sampled === 0)
    .map(({ name, due }) => `${formatCount(due)} arrivals were due in ${name}, and none is on record`);
}

function asleep({ failed, doubtful, harnessStalls }: Evidence): string[] {
  const reasons: string[] = [];
  if (failed > 0 && doubtful >= failed)
    reasons.push(
      `all ${formatCount(failed)} failures are timeouts, or closes of idle connections, while the harness itself was not running`,
    );
  const [stall] = harnessStalls;
  if (stall !== undefined)
    reasons.push(
      `a stall of ${formatMs(stall.durationMs)} is within the limit (${formatMs(ownMs(stall))}) without the harness' own pause`,
    );
  return reasons;
}

function unfinished(m: Measure): string[] {
  const release = releaseOf(m);
  if (release === 'completed') return [];
  const decision = m.run.decisions[0];
  const sentence = releaseSentence(m.run, release);
  return [decision === undefined ? sentence : `${sentence}: ${decision.detail}`];
}

/** The release was begun, though the baseline does not hold: its conductor saw only a share of it, or not yet its end. */
function unsoundBaseline(m: Measure): string[] {
  return m.baseline.phases.length === 0 || m.whole.phases.length === 0 ? [] : baselineFailures(m.run);
}

function nothingMeasured(m: Measure): string[] {
  const { requests } = m.tally(m.whole);
  if (requests === 0) return ['no request was answered or failed after the baseline'];
  const silent = m.run.header.traffic.flows.filter(({ name }) => m.tally(m.whole, { flow: name }).requests === 0);
  return silent.map(({ name }) => `no request of ${name} was sent after the baseline`);
}

function leftOut(run: Run): string[] {
  return stepsLeftOut(run).map((name) => `${name} was planned and never ran`);
}
