/**
 * What a run would have seen, had it been there: of all the traffic and of each flow, after the baseline and in each
 * step. Pure arithmetic over what was sent; the same functions draw the curve and fill the tables.
 */
export interface Detectability {
  arrival: 'even' | 'poisson';
  /** The run first, then each step; in each, all the traffic first, then each flow where there are several. */
  rows: Visibility[];
}

/** The sends of a flow, or (null) of all the traffic, in the run or a step. */
export interface Visibility {
  /** `run` for everything after the baseline, else the step's name. */
  phase: string;
  flow: string | null;
  /** Requests that could have shown a failure: all but the blocked ones. */
  requests: number;
  forMs: number;
  /** Largest realised gap between sends, ms: no outage as long could be missed. The whole time without two sends. */
  gapMs: number;
  parts: SendPart[];
  /** Shortest outage that is seen with 95 %, ms; null where nothing was sent. */
  outage95Ms: number | null;
  /** Least share of failing requests that is seen with 95 % where it lasts 1 s, and throughout; null where none is. */
  share95: { oneSecond: number | null; throughout: number | null };
}

/** A stretch of the run, in time order: one phase. */
export interface SendPart {
  forMs: number;
  /** Realised, requests a second. */
  ratePerSec: number;
  /** Largest realised gap between sends that reaches into it, ms; null where there was none. */
  gapMs: number | null;
}

/**
 * Probability that an outage is seen in which every request fails for `lengthMs`, from a random moment on. It is missed
 * where it lies between two sends.
 *
 * Even: at least min(1, L / G), with G the largest realised gap. Over gaps g the outage is seen with E[min(g, L)] / E[g]
 * (renewal theory: Cox, Renewal Theory, 1962, 5.2), and as min(g, L) is concave, that is least where all gaps are 0 or G.
 * It is a lower limit for any schedule, whatever made the sends late. Poisson: 1 - exp(-r L) with the realised rate r,
 * and 1 from G on; flows that take turns are more regular than that. An outage begins in a part as often as that is long.
 */
export function outageSeen(
  arrival: Detectability['arrival'],
  { parts, requests }: Visibility,
  lengthMs: number,
): number {
  if (requests === 0) return 0;
  return mean(parts, ({ gapMs, ratePerSec }) => {
    if (gapMs !== null && lengthMs >= gapMs) return 1;
    if (arrival === 'poisson') return -Math.expm1((-ratePerSec * lengthMs) / 1000);
    return gapMs === null ? 0 : lengthMs / gapMs;
  });
}

/**
 * Probability that a partial outage is seen: for `forMs` from a random moment on each request fails with the
 * probability `share`, on its own. With N requests meanwhile it is 1 - E[(1 - share)^N].
 *
 * Even: N is x = r D rounded up or down, up with the probability x - floor(x). Poisson: N is Poisson(r D), which gives
 * 1 - exp(-share r D) (its generating function). r is the realised rate of the part it begins in. One that is as long as the
 * time itself meets every request: 1 - (1 - share)^n.
 */
export function partialSeen(arrival: Detectability['arrival'], row: Visibility, share: number, forMs: number): number {
  if (forMs >= row.forMs) return seenAmong(row.requests, share);
  return mean(row.parts, ({ ratePerSec }) => {
    const expected = (ratePerSec * forMs) / 1000;
    if (arrival === 'poisson') return -Math.expm1(-share * expected);
    const least = Math.floor(expected);
    const more = expected - least;
    return (1 - more) * seenAmong(least, share) + more * seenAmong(least + 1, share);
  });
}

/** 1 - (1 - share)^n, exact for small shares too. */
function seenAmong(requests: number, share: number): number {
  if (requests === 0) return 0;
  return share >= 1 ? 1 : -Math.expm1(requests * Math.log1p(-share));
}

/** Weighted by length, 0 without any. */
function mean(parts: readonly SendPart[], of: (part: SendPart) => number): number {
  const totalMs = parts.reduce((sum, { forMs }) => sum + forMs, 0);
  if (totalMs <= 0) return 0;
  return Math.min(1, parts.reduce((sum, part) => sum + of(part) * part.forMs, 0) / totalMs);
}
