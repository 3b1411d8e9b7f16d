import type { RateEvent, RunHeader, TrafficStartedEvent } from '../../model/event.js';
import { arrivalsBy, type RateProfile, withRateFrom } from '../../model/rate.js';

/** Changes of rate that are followed at most. */
const CHANGES_KEPT = 1000;

export interface ArrivalLog {
  event(e: TrafficStartedEvent | RateEvent): void;
  /** Whether the schedule began. */
  started(): boolean;
  /** Arrivals due before an instant of the run, by the rates: whole ones for an even schedule, else what is expected. */
  dueBefore(at: number): number;
  /** Arrivals per second on the average of a time; null before the schedule began. */
  meanRate(from: number, to: number): number | null;
}

/** What the schedule had to send, from the rates in the header and their changes. Times are ms since the run's start. */
export function createArrivalLog({ streams, arrival }: RunHeader['traffic']): ArrivalLog {
  const profiles = streams.map(({ rate }) => rate);
  let firstDueAt: number | null = null;
  let changes = 0;

  const change = ({ from, stream, ratePerSec }: RateEvent) => {
    const profile = profiles[stream];
    if (firstDueAt === null || profile === undefined || changes >= CHANGES_KEPT) return;
    changes++;
    const base = streams[stream]?.rate as RateProfile;
    profiles[stream] = withRateFrom(profile, Math.max(0, from - firstDueAt), ratePerSec, base);
  };

  const expectedBefore = (at: number): number[] =>
    firstDueAt === null ? [] : profiles.map((profile) => arrivalsBy(profile, at - (firstDueAt as number)));

  return {
    event(e) {
      if (e.type === 'rate') change(e);
      else firstDueAt = e.firstDueAt;
    },
    started: () => firstDueAt !== null,
    dueBefore: (at) => expectedBefore(at).reduce((sum, due) => sum + (arrival === 'even' ? wholeAbove(due) : due), 0),
    meanRate(from, to) {
      if (firstDueAt === null || to <= from) return null;
      const sum = (at: number) => expectedBefore(at).reduce((a, b) => a + b, 0);
      return Math.round(((sum(to) - sum(from)) / (to - from)) * 1_000_000) / 1000;
    },
  };
}

/** Arrival n is due when the integral reaches n: how many are due before it reaches `due`, free of rounding errors. */
function wholeAbove(due: number): number {
  return Math.ceil(due - 1e-9 * Math.max(1, due));
}
