import type { Stall } from '../../model/run.js';
import { stallOfInterestMs, type Threshold } from '../../model/threshold.js';
import { formatMs } from '../../model/units.js';
import { ownMs, provenMs, stallLimitOf } from '../evidence.js';
import type { Measure } from '../measure.js';
import { aggregateOf, compared, type Evaluate, holds, type Reading, silent } from './metric.js';

/**
 * Lengths of stalls without the part of the harness or of a failing control, ms; only those over half the limit are
 * known, else it reads 0.
 */
export const evaluateStall: Evaluate = (threshold, m, scope) => {
  const { selector } = threshold;
  if (selector.connection !== undefined || selector.version !== undefined)
    return silent('a stall belongs to a flow, not to a connection kind or a version');
  if (m.tally(scope, selector).requests === 0) return silent('there were no requests');
  const stalls = m.stalls(scope, selector);
  const measured = threshold.aggregate === 'count' ? apart(stalls) : stalls;
  const actual = aggregateOf(
    measured.map((stall) => provenMs(m.run, stall)),
    threshold,
  );
  if (actual === null) return silent('a stall has a length and a count');
  const note = stalls.length > 0 ? '' : `none of ${formatMs(stallOfInterestMs(m.run.header.thresholds))} or more`;
  if (threshold.aggregate === 'max' && !threshold.timesBaseline) return againstLimits(threshold, m, stalls, note);
  return compared(threshold, actual, () => Math.max(0, ...Object.values(m.run.baselineStallMs)), note);
};

/** One for each group of stalls that overlap: flows that stall together are one. */
function apart(stalls: Stall[]): Stall[] {
  let until = Number.NEGATIVE_INFINITY;
  return stalls
    .toSorted((a, b) => a.startAt - b.startAt)
    .filter(({ startAt, endAt }) => {
      const isApart = startAt >= until;
      until = Math.max(until, endAt);
      return isApart;
    });
}

/** Each stall against the limit of its flow: twice the baseline's longest where that exceeds half the limit. */
function againstLimits(threshold: Threshold, m: Measure, stalls: Stall[], note: string): Reading {
  const readings = stalls.map((stall): Reading => {
    const own = provenMs(m.run, stall);
    const limit = stallLimitOf(m.run, stall, threshold.value);
    const ok = holds(own, threshold, limit);
    const asleep = !ok || holds(stall.durationMs, threshold, limit) ? '' : restText(stall, own);
    const raised =
      limit === threshold.value ? '' : `the limit is twice the longest of the baseline of ${stall.streams[0]}`;
    const reading: Reading = {
      actual: own,
      limit,
      ok,
      note: [raised, asleep].filter((text) => text !== '').join('; '),
    };
    return asleep === '' ? reading : { ...reading, ok: null, harness: true };
  });
  const ofState = (ok: boolean | null) => readings.filter((reading) => reading.ok === ok);
  const worst = [...ofState(false), ...ofState(null), ...ofState(true)].reduce<Reading | null>(
    (a, b) => (a === null || (a.ok === b.ok && (b.actual ?? 0) > (a.actual ?? 0)) ? b : a),
    null,
  );
  return worst ?? { actual: 0, limit: threshold.value, ok: holds(0, threshold, threshold.value), note };
}

function restText(stall: Stall, provenForMs: number): string {
  return provenForMs < ownMs(stall) ? 'in the rest the control failed too' : 'the rest was the harness itself';
}
