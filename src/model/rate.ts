/**
 * One piece of an arrival rate over time, arrivals per second. From `at` (ms after the schedule's start) the rate runs
 * linearly from `fromPerSec` to `toPerSec` within `forMs`; the last piece has `forMs: null` and is constant for ever.
 */
export interface RatePiece {
  at: number;
  fromPerSec: number;
  toPerSec: number;
  forMs: number | null;
}

/** A rate over time: pieces in order, without holes, the first at 0. */
export type RateProfile = RatePiece[];

export function constantRate(ratePerSec: number): RateProfile {
  return [{ at: 0, fromPerSec: ratePerSec, toPerSec: ratePerSec, forMs: null }];
}

/** The rate at `at` ms after the schedule's start, arrivals per second. */
export function rateAt(profile: RateProfile, at: number): number {
  const piece = pieceAt(profile, at);
  return piece === undefined ? 0 : slopeRate(piece, at - piece.at);
}

/** How many arrivals are due before `at` (a real number: the integral of the rate). */
export function arrivalsBy(profile: RateProfile, at: number): number {
  let sum = 0;
  for (const piece of profile) {
    if (piece.at >= at) break;
    sum += arrivalsWithin(piece, Math.min(at - piece.at, piece.forMs ?? Number.POSITIVE_INFINITY));
  }
  return sum;
}

/** When the integral of the rate first reaches `count`, ms after the schedule's start; Infinity where it never does. */
export function timeOfArrival(profile: RateProfile, count: number): number {
  let left = count;
  for (const piece of profile) {
    const whole = piece.forMs === null ? Number.POSITIVE_INFINITY : arrivalsWithin(piece, piece.forMs);
    if (left <= whole && (left > 0 || piece.fromPerSec > 0 || piece.toPerSec > 0)) {
      const within = timeWithin(piece, left);
      if (within !== null) return piece.at + within;
    }
    left -= whole;
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * The same rate until `at`, and from there on `ratePerSec`; with null, from there on what `base` says. What is due
 * before `at` does not move.
 */
export function withRateFrom(
  profile: RateProfile,
  at: number,
  ratePerSec: number | null,
  base: RateProfile,
): RateProfile {
  const before = clipped(profile, 0, at);
  if (ratePerSec === null) return [...before, ...clipped(base, at, Number.POSITIVE_INFINITY)];
  return [...before, { at, fromPerSec: ratePerSec, toPerSec: ratePerSec, forMs: null }];
}

/** The part of a profile between two instants, at the times it had. */
function clipped(profile: RateProfile, from: number, to: number): RateProfile {
  return profile.flatMap((piece) => {
    const end = piece.forMs === null ? Number.POSITIVE_INFINITY : piece.at + piece.forMs;
    const begin = Math.max(piece.at, from);
    const until = Math.min(end, to);
    if (until <= begin) return [];
    return [
      {
        at: begin,
        fromPerSec: slopeRate(piece, begin - piece.at),
        toPerSec: Number.isFinite(until) ? slopeRate(piece, until - piece.at) : piece.toPerSec,
        forMs: Number.isFinite(until) ? until - begin : null,
      },
    ];
  });
}

function pieceAt(profile: RateProfile, at: number): RatePiece | undefined {
  return profile.findLast((piece) => piece.at <= at) ?? profile[0];
}

function slopeRate({ fromPerSec, toPerSec, forMs }: RatePiece, within: number): number {
  if (forMs === null || forMs === 0) return toPerSec;
  return fromPerSec + (toPerSec - fromPerSec) * (Math.min(within, forMs) / forMs);
}

/** The integral of a piece over its first `within` ms. */
function arrivalsWithin(piece: RatePiece, within: number): number {
  if (within <= 0) return 0;
  return (within * (piece.fromPerSec + slopeRate(piece, within))) / 2000;
}

/** When a piece has seen `count` arrivals, ms after its start: t of v t + (s / 2) t² = count; null where it never does. */
function timeWithin({ fromPerSec, toPerSec, forMs }: RatePiece, count: number): number | null {
  if (forMs === null || fromPerSec === toPerSec) return fromPerSec > 0 ? (count * 1000) / fromPerSec : null;
  const v = fromPerSec / 1000;
  const s = (toPerSec - fromPerSec) / 1000 / forMs;
  const root = Math.sqrt(Math.max(0, v * v + 2 * s * count));
  // The form without cancellation: exact also where the slope is small.
  return v + root === 0 ? 0 : Math.min(forMs, (2 * count) / (v + root));
}
