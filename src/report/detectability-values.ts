import { type Detectability, outageSeen, partialSeen, type Visibility } from '../model/detectability.js';
import { formatMs, formatShare } from '../model/units.js';
import { round } from './summary.js';

/** Lengths of outages that tables name, ms. */
export const OUTAGES_MS = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const;

/** Partial outages that tables name: a share of the requests, for so many ms. */
export const PARTIALS = [
  { share: 0.01, forMs: 1000 },
  { share: 0.01, forMs: 10_000 },
  { share: 0.1, forMs: 1000 },
  { share: 0.5, forMs: 100 },
  { share: 0.5, forMs: 1000 },
] as const;

/** A probability for people: never rounded up to certainty. */
export function chanceText(probability: number): string {
  if (probability >= 1) return '100 %';
  if (probability >= 0.999) return 'over 99.9 %';
  return formatShare(Math.floor(probability * 1000) / 1000);
}

/** One line for short reports: what all the traffic, and the flow that saw least, would have seen; null without a request. */
export function detectabilityLine({ rows }: Detectability): string | null {
  const ofRun = rows.filter(({ phase, requests }) => phase === 'run' && requests > 0);
  const worst = ofRun.toSorted((a, b) => (b.outage95Ms ?? b.forMs) - (a.outage95Ms ?? a.forMs))[0];
  if (worst === undefined || worst.outage95Ms === null || worst.share95.throughout === null) return null;
  const whose = worst.flow === null ? '' : ` of ${worst.flow}`;
  return `With 95 % an outage${whose} from ${formatMs(worst.outage95Ms)} on would have been seen, and failures of ${formatShare(worst.share95.throughout)} or more throughout.`;
}

/** `bound.detectability` of `run.json`. Probabilities with four digits, rounded down. */
export function detectabilityJson({ arrival, rows }: Detectability) {
  return {
    arrival,
    rows: rows.map((row: Visibility) => ({
      phase: row.phase,
      flow: row.flow,
      requests: row.requests,
      forMs: round(row.forMs),
      largestSendGapMs: round(row.gapMs),
      outage95Ms: row.outage95Ms === null ? null : round(row.outage95Ms),
      failureShare95: {
        oneSecond: row.share95.oneSecond === null ? null : roundedUp(row.share95.oneSecond),
        throughout: row.share95.throughout === null ? null : roundedUp(row.share95.throughout),
      },
      outages: OUTAGES_MS.map((ms) => ({ ms, seen: rounded(outageSeen(arrival, row, ms)) })),
      partial: PARTIALS.map((each) => ({ ...each, seen: rounded(partialSeen(arrival, row, each.share, each.forMs)) })),
    })),
  };
}

function rounded(probability: number): number {
  return Math.floor(probability * 1e4) / 1e4;
}

function roundedUp(share: number): number {
  return Math.min(1, Math.ceil(share * 1e6) / 1e6);
}
