import type { TrafficEndedEvent } from '../../model/event.js';
import { formatCount } from '../../model/units.js';

export interface Account {
  rows: number;
  twice: number;
  missing: number;
  disordered: number;
  /** Rows of flows that the header does not name, or with times that are no times. */
  unintelligible: number;
  started: boolean;
  ended: TrafficEndedEvent | null;
  /** Where the run was cut, its end and its last rows are expected to be missing. */
  cut: boolean;
}

/** Contradictions of the record with itself, as sentences; none is how it must be. */
export function contradictions(account: Account): string[] {
  const { rows, ended, cut } = account;
  const faults: string[] = [];
  const say = (count: number, text: string) => {
    if (count > 0) faults.push(`${formatCount(count)} ${text}`);
  };
  say(account.twice, 'arrivals are on record twice');
  if (!cut || ended !== null) say(account.missing, 'arrivals of the schedule are missing from the record');
  say(account.disordered, 'samples are on record more than half a second out of order');
  say(account.unintelligible, 'samples make no sense: an unknown flow or impossible times');
  if (ended !== null && (ended.due !== rows || ended.recorded !== rows)) {
    const [due, recorded, found] = [ended.due, ended.recorded, rows].map(formatCount);
    faults.push(
      `the sending thread counted ${due} arrivals due and ${recorded} recorded, and the record holds ${found}`,
    );
  }
  if (!account.started && rows > 0) faults.push('there are samples, and no start of traffic on record');
  if (account.started && ended === null && !cut) faults.push('the sending thread never gave its own count');
  return faults;
}
