import type { FailureChange, FailureCount, FailureKind } from '../../model/comparison.js';
import { stallLimitMs } from '../../model/threshold.js';
import { formatCount, formatMs } from '../../model/units.js';
import { evidenceOf, provenMs, stallLimitOf } from '../evidence.js';
import { measure } from '../measure.js';
import { binomialCdf } from '../statistics.js';
import { type RunEvidence, type StepKey, stepKeys } from './evidence.js';
import { holm } from './holm.js';
import { FAMILY_WISE_ERROR } from './latency.js';

/** By how much a longest outage or stall has to pass the longest of the base runs: less is the grid of the arrivals. */
const LONGER_BY = 1.25;
const LONGER_MS = 100;

/**
 * What users met from the first step on, against what they met in the base runs. Where no base run has any, one is a
 * regression: no statistics excuse it. Where they have too, it is one where more requests failed than in any of them and
 * more than chance gives (one-sided conditional test of two rates; Przyborowski and Wilenski, Biometrika 31, 1940; Holm
 * over all of them), where there are more outages, stalls or losses of probes than in any of them, or a clearly longer
 * one. Failures of a run whose verdict is not `downtime` were not proven, and say nothing.
 */
export function compareFailures(base: readonly RunEvidence[], fresh: RunEvidence): FailureChange[] {
  const sides = [...base, fresh].map(countsOf);
  const places = new Map<string, Place>();
  for (const side of sides) for (const [id, { place }] of side) places.set(id, place);
  const rows = [...places].map(([id, place]) => {
    const requests = (index: number) => requestsIn([...base, fresh][index] as RunEvidence, place);
    const counts = sides.map((side, index) => {
      return side.get(id)?.count ?? { count: 0, requests: requests(index), longestMs: null };
    });
    return { place, before: counts.slice(0, -1), now: counts.at(-1) as FailureCount };
  });
  const pValues = rows.map(({ place, before, now }) => (place.kind === 'failed' ? chanceOf(before, now) : 1));
  const adjusted = holm(pValues.filter((_, index) => rows[index]?.place.kind === 'failed'));
  let next = 0;
  return rows.map(({ place, before, now }) => {
    const p = place.kind === 'failed' ? (adjusted[next++] as number) : 1;
    const { kind, key, what } = place;
    const row = { kind, step: key.step, role: key.role, what, base: before, new: now };
    return { ...row, ...stateOf(kind, before, now, p, fresh.judgement.verdict === 'downtime') };
  });
}

interface Place {
  kind: FailureKind;
  key: StepKey;
  what: string | null;
}

type Counts = Map<string, { place: Place; count: FailureCount }>;

/** What a run has, by kind, step and flow. */
function countsOf(evidence: RunEvidence): Counts {
  const { run } = evidence;
  const m = measure(run);
  const keys = stepKeys(run);
  const counts: Counts = new Map();
  const add = (kind: FailureKind, phase: number, what: string | null, count: number, longestMs: number | null) => {
    const key = keys[phase];
    if (key === undefined || key.isBaseline || count === 0) return;
    const id = `${kind} ${key.key} ${what ?? ''}`;
    const place = { kind, key, what };
    const known = counts.get(id)?.count ?? { count: 0, requests: requestsIn(evidence, place), longestMs: null };
    known.count += count;
    if (longestMs !== null) known.longestMs = Math.max(known.longestMs ?? 0, longestMs);
    counts.set(id, { place, count: known });
  };
  for (const { phase, flow, failed } of run.cells) add('failed', phase, flow, failed, null);
  for (const { phase, durationMs } of run.outages) add('outage', phase, null, 1, durationMs);
  const limit = stallLimitMs(run.header.thresholds);
  for (const stall of run.stalls) {
    const ms = provenMs(run, stall);
    if (ms >= stallLimitOf(run, stall, limit)) add('stall', stall.phase, null, 1, ms);
  }
  for (const { probe, fault, phases } of evidenceOf(m).breaches) {
    for (const { phase, count } of phases) add('breach', phase, `${probe}: ${fault.claim}`, count, null);
  }
  return counts;
}

function requestsIn({ run }: RunEvidence, { kind, key, what }: Place): number {
  const phase = stepKeys(run).findIndex((each) => each?.key === key.key);
  return run.cells.reduce((sum, cell) => {
    const isOwn = cell.phase === phase && (kind !== 'failed' || cell.flow === what);
    return isOwn ? sum + cell.requests : sum;
  }, 0);
}

/** P(as many failures as in the new run or more), given all of both, where both have the same rate. */
function chanceOf(before: readonly FailureCount[], now: FailureCount): number {
  const [failed, requests] = total(before);
  const all = failed + now.count;
  const share = now.requests / Math.max(1, now.requests + requests);
  return now.count === 0 ? 1 : 1 - binomialCdf(now.count - 1, all, share);
}

function total(counts: readonly FailureCount[]): [failed: number, requests: number] {
  return counts.reduce(([failed, sum], { count, requests }) => [failed + count, sum + requests], [0, 0]);
}

function stateOf(
  kind: FailureKind,
  before: readonly FailureCount[],
  now: FailureCount,
  p: number,
  proven: boolean,
): Pick<FailureChange, 'state' | 'reason'> {
  const most = Math.max(...before.map(({ count }) => count));
  if (now.count === 0) return before.every(({ count }) => count > 0) ? better() : same('not in every base run either');
  if (!proven) return same('not proven: the new run is inconclusive');
  if (most === 0) return worse('the base has none');
  if (kind === 'failed') {
    const rate = ({ count, requests }: FailureCount) => count / Math.max(1, requests);
    if (rate(now) > Math.max(...before.map(rate)) && p < FAMILY_WISE_ERROR) return worse('more than in any base run');
    return same('no more than chance, as the base has failures too');
  }
  if (now.count > most) return worse(`the base has ${formatCount(most)} at most`);
  const longest = Math.max(0, ...before.map(({ longestMs }) => longestMs ?? 0));
  if (now.longestMs !== null && now.longestMs > Math.max(LONGER_BY * longest, longest + LONGER_MS)) {
    return worse(`the longest of the base took ${formatMs(longest)}`);
  }
  return same('the base has as much');
}

const worse = (reason: string) => ({ state: 'worse', reason }) as const;
const same = (reason: string) => ({ state: '~', reason }) as const;
const better = () => ({ state: 'better', reason: 'the new run has none' }) as const;
