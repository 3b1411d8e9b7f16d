import type { OldCheck } from '../../model/old-checks.js';
import { BUCKET_MS, type GetSlot } from '../../model/run.js';
import { sumTallies } from '../../model/tally.js';
import { formatCount, formatMs } from '../../model/units.js';
import { durationMs } from '../bounds.js';
import type { Measure } from '../measure.js';
import { cellsAfterBaseline, isOneService, slotsAfterBaseline } from './gets.js';
import { methodsText, plural } from './missed.js';
import { type Limits, limitsText, saysOf } from './says.js';

/** The time from the end of a check to the next, ms. */
const EVERY_MS = 100;

/**
 * `while sleep 0.1; do curl -fsS -m TIMEOUT URL/health; done`: a GET on a new connection, one at a time. What GETs of the
 * mix on fresh connections met at the same time stands for it.
 *
 * At most: one check in each 100 ms in which such a GET failed, or in which there was none and anything else failed.
 * At least: where no such GET got through to the app for a time of L, between two of them that failed, floor(L / (100 ms
 * + the longest that such a GET took around then)) checks began inside, as the one before it can have held the loop up
 * for no longer than that.
 */
export function healthLoop(m: Measure): OldCheck {
  const around = slotsAfterBaseline(m, 'around');
  const fresh = around.reduce((sum, slot) => sum + slot.fresh, 0);
  const of = fresh === 0 ? 0 : Math.floor(durationMs(m, m.whole) / EVERY_MS);
  const atMost = Math.min(of, around.filter(mayFail).length);
  const failed = { atLeast: Math.min(atMost, isOneService(m) ? surelyFailing(m) : 0), atMost };
  return {
    name: 'health-loop',
    what: `curl on /health every ${EVERY_MS} ms`,
    says: saysOf(failed, of),
    failed,
    of,
    numbers: numbersOf(failed, of),
    missed: missedBy(m, around),
    basis: `GETs of the mix on fresh connections stand for its checks, with the target's timeout of ${formatMs(m.run.header.target.timeoutMs)}. At least: where none of them reached the app, one check after the other; at most: wherever one of them failed. It is not known whether /health answers when other paths do not, or is answered by the proxy itself.`,
  };
}

function numbersOf(failed: Limits, of: number): string {
  if (of === 0) return 'nothing can be said: no GET went over a fresh connection';
  return `${limitsText(failed)} of some ${formatCount(of)} checks failed`;
}

function mayFail({ fresh, failed, others }: GetSlot): boolean {
  return failed > 0 || (fresh === 0 && others > 0);
}

function surelyFailing(m: Measure): number {
  const slots = slotsAfterBaseline(m, 'inside').filter(({ fresh }) => fresh > 0);
  const { timeoutMs } = m.run.header.target;
  return stretchesOf(slots).reduce((sum, { from, to }) => {
    const before = slots.filter(({ at }) => at >= from - timeoutMs && at <= to);
    const tookMs = before.reduce((longest, { maxMs }) => Math.max(longest, maxMs), 0);
    // The first and the last GET that failed may lie anywhere in their 100 ms.
    return sum + Math.max(0, Math.floor((to - from - BUCKET_MS) / (EVERY_MS + tookMs)));
  }, 0);
}

/** From the first to the last 100 ms in a row in which every GET on a fresh connection met no app. */
function stretchesOf(slots: readonly GetSlot[]): { from: number; to: number }[] {
  const stretches: { from: number; to: number }[] = [];
  let open: { from: number; to: number } | null = null;
  for (const { at, fresh, gone } of slots) {
    if (gone < fresh) open = null;
    else if (open !== null) open.to = at;
    else {
      open = { from: at, to: at };
      stretches.push(open);
    }
  }
  return stretches;
}

function missedBy(m: Measure, slots: readonly GetSlot[]): string[] {
  const others = sumTallies(cellsAfterBaseline(m, 'other')).failed;
  const reused = sumTallies(cellsAfterBaseline(m, 'get').filter(({ connection }) => connection === 'reused')).failed;
  const byApp = slots.reduce((sum, { failed, gone }) => sum + failed - gone, 0);
  return [
    ...(others > 0 ? [`${plural(others, 'failed request')} of ${methodsText(m)}`] : []),
    ...(reused > 0 ? [`${plural(reused, 'failed GET')} on kept connections`] : []),
    ...(byApp > 0 ? [`${plural(byApp, 'error')} of the app itself, where /health does not show them`] : []),
  ];
}
