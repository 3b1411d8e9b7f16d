import { type Detectability, outageSeen, partialSeen, type SendPart, type Visibility } from '../model/detectability.js';
import { durationMs, largestGapMs } from './bounds.js';
import type { Measure } from './measure.js';
import type { Scope } from './scope.js';

/** What counts as seen. */
const POWER = 0.95;
const SECOND = 1000;

/**
 * What the run would have seen, from what was sent: the largest gap between sends of each phase, and how many requests
 * came. A request that was under way when an outage began may fail as well, so that more is seen than this says.
 */
export function detectabilityOf(m: Measure): Detectability {
  const { arrival, flows } = m.run.header.traffic;
  const names = flows.length > 1 ? [null, ...flows.map(({ name }) => name)] : [null];
  const rows = [m.whole, ...m.steps].flatMap((scope) => names.map((flow) => visibility(m, arrival, scope, flow)));
  return { arrival, rows };
}

function visibility(m: Measure, arrival: Detectability['arrival'], scope: Scope, flow: string | null): Visibility {
  const forMs = durationMs(m, scope);
  const row: Visibility = {
    phase: scope.label,
    flow,
    requests: sent(m, scope, flow),
    forMs,
    gapMs: largestGapMs(m, scope, flow) ?? forMs,
    parts: scope.phases.map((index) => partOf(m, { label: '', phases: [index] }, flow)),
    outage95Ms: null,
    share95: { oneSecond: null, throughout: null },
  };
  const share95 = (partMs: number) => leastWith((share) => partialSeen(arrival, row, share, partMs), 1);
  return {
    ...row,
    outage95Ms: leastWith((lengthMs) => outageSeen(arrival, row, lengthMs), row.gapMs),
    share95: { oneSecond: forMs < SECOND ? null : share95(SECOND), throughout: share95(forMs) },
  };
}

function partOf(m: Measure, scope: Scope, flow: string | null): SendPart {
  const forMs = durationMs(m, scope);
  const ratePerSec = forMs <= 0 ? 0 : (sent(m, scope, flow) * SECOND) / forMs;
  return { forMs, ratePerSec, gapMs: largestGapMs(m, scope, flow) };
}

function sent(m: Measure, scope: Scope, flow: string | null): number {
  const { requests, blocked } = m.tally(scope, flow === null ? {} : { flow });
  return requests - blocked;
}

/** The least value up to `most` that is seen with 95 %, by bisection of what grows with it; null where `most` is not. */
function leastWith(seen: (value: number) => number, most: number): number | null {
  if (seen(most) < POWER) return null;
  let low = 0;
  let high = most;
  for (let step = 0; step < 100 && high - low > 1e-9 * high; step++) {
    const middle = (low + high) / 2;
    if (seen(middle) >= POWER) high = middle;
    else low = middle;
  }
  return high;
}
