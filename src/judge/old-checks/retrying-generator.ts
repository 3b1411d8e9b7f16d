import type { OldCheck } from '../../model/old-checks.js';
import { type FailureCause, LOST_CAUSES, WRONG_CAUSES } from '../../model/outcome.js';
import type { Cell, Tally } from '../../model/run.js';
import { sumTallies } from '../../model/tally.js';
import { formatCount, formatShare } from '../../model/units.js';
import type { Measure } from '../measure.js';
import { cellsAfterBaseline, isOneService, slotsAfterBaseline } from './gets.js';
import { methodsText, plural } from './missed.js';
import { type Limits, limitsText, saysOf } from './says.js';

/** Repeated on a kept connection; these two on any, as the server says that it did nothing. */
const REPEATED_KEPT: readonly FailureCause[] = ['reset', 'closed'];
const REPEATED_ALWAYS: readonly FailureCause[] = ['goaway', 'refused-stream'];

/**
 * k6, vegeta or hey with the GETs of the mix: Go's `net/http` sends a request again, without a word, where a kept
 * connection ended before the first byte of an answer. What it reports is every GET that was lost in another way, and
 * every status from 400 on.
 *
 * A request that was sent again is lost after all where every GET on a fresh connection failed in the same 100 ms
 * (at least), and is not where all of them succeeded; in between nothing is known (at most).
 */
export function retryingGenerator(m: Measure): OldCheck {
  const gets = cellsAfterBaseline(m, 'get');
  const { requests } = sumTallies(gets);
  const seen = seenIn(gets);
  const again = lostAgain(m);
  const failed = {
    atLeast: Math.min(requests, seen.atLeast + again.atLeast),
    atMost: Math.min(requests, seen.atMost + again.atMost),
  };
  return {
    name: 'retrying-generator',
    what: 'a load generator on Go (k6, vegeta, hey) with the GETs alone',
    says: saysOf(failed, requests),
    failed,
    of: requests,
    numbers: numbersOf(failed, requests),
    missed: missedBy(m, gets, again),
    basis:
      'The GETs of the record. It sends one again, silently, that was lost on a kept connection before a byte of the answer; how that ends is taken from fresh connections at the same time. It looks at the status alone (hey not even at that: its errors are those of connections). A rate that is allowed in its own thresholds may let it pass all the same.',
  };
}

function numbersOf(failed: Limits, of: number): string {
  if (of === 0) return 'nothing can be said: no GET was sent';
  const share = failed.atMost > 0 && failed.atMost === failed.atLeast ? ` (${formatShare(failed.atMost / of)})` : '';
  return `${limitsText(failed)} of ${formatCount(of)} requests failed${share}`;
}

/**
 * Failures that are not repeated: what was lost, and statuses from 400 on. Statuses are counted of lost answers too,
 * which are there twice then: as many as there are more statuses than whole answers.
 */
function seenIn(gets: readonly Cell[]): Limits {
  const lost = gets.reduce((sum, cell) => sum + lostFor(cell), 0);
  const { byError, byStatus, ok, blocked } = sumTallies(gets);
  const statuses = Object.entries(byStatus);
  const bad = statuses.reduce((sum, [status, count]) => (Number(status) >= 400 ? sum + count : sum), 0);
  const whole = ok + blocked + sumOf(byError, WRONG_CAUSES);
  const twice = statuses.reduce((sum, [, count]) => sum + count, 0) - whole;
  return { atLeast: lost + Math.max(0, bad - Math.max(0, twice)), atMost: lost + bad };
}

function lostFor({ byError, connection }: Cell): number {
  const repeated = connection === 'reused' ? [...REPEATED_ALWAYS, ...REPEATED_KEPT] : REPEATED_ALWAYS;
  return sumOf(
    byError,
    LOST_CAUSES.filter((cause) => !repeated.includes(cause)),
  );
}

function sumOf(byError: Tally['byError'], causes: readonly FailureCause[]): number {
  return causes.reduce((sum, cause) => sum + (byError[cause] ?? 0), 0);
}

interface Again extends Limits {
  /** All that were sent again. */
  sent: number;
}

/** Of the requests that are sent again, those that are lost once more. */
function lostAgain(m: Measure): Again {
  const around = slotsAfterBaseline(m, 'around').filter(({ repeatable }) => repeatable > 0);
  const sent = around.reduce((sum, { repeatable }) => sum + repeatable, 0);
  if (!isOneService(m)) return { sent, atLeast: 0, atMost: sent };
  const inside = slotsAfterBaseline(m, 'inside').filter(({ fresh, failed }) => fresh > 0 && failed === fresh);
  const fine = around.filter(({ fresh, failed }) => fresh > 0 && failed === 0);
  return {
    sent,
    atLeast: inside.reduce((sum, { repeatable }) => sum + repeatable, 0),
    atMost: sent - fine.reduce((sum, { repeatable }) => sum + repeatable, 0),
  };
}

function missedBy(m: Measure, gets: readonly Cell[], again: Again): string[] {
  const others = sumTallies(cellsAfterBaseline(m, 'other')).failed;
  const wrongContent = sumTallies(gets).byError.expectation ?? 0;
  const hidden = { atLeast: again.sent - again.atMost, atMost: again.sent - again.atLeast };
  return [
    ...(others > 0 ? [`${plural(others, 'failed request')} of ${methodsText(m)}`] : []),
    ...(hidden.atMost > 0
      ? [
          `${limitsText(hidden)} ${hidden.atMost === 1 ? 'GET' : 'GETs'} lost on kept connections, sent again and not counted`,
        ]
      : []),
    ...(wrongContent > 0 ? [`${plural(wrongContent, 'answer')} with a good status and not what was expected`] : []),
  ];
}
