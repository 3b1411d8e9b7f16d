/** Steps of one that must be seen before a gap means that events were lost. */
const STEPS_TO_TRUST = 5;
/** A jump beyond this is another numbering, not a loss. */
const LARGEST_GAP = 100_000;
/**
 * On a new connection so many times the events that can have come meanwhile: a larger jump is the numbering of another
 * process. Less is believed where such a numbering was met before.
 */
const EXPLAINED = { first: 10, restarted: 2 };
/** Events are counted over this time to learn how many can come, ms. */
const RATE_MS = 1000;
/** Series of one stream that are followed at once: ids may carry a topic or a date before their number. */
const MOST_SERIES = 64;
const MAX_ID_CHARACTERS = 1024;

/** Whether the ids of a server count up by one: learned from what all streams of it show. */
export interface IdScheme {
  /** How ids are numbered is still being learned, as long as nothing is released. */
  learning: boolean;
  readonly consecutive: boolean;
  /** The most events that a stream had in a second. */
  readonly perSec: number;
  step(): void;
  /** A stream had so many events in a second. */
  heard(events: number): void;
  /** A gap on a connection that was never cut, while learning or before ids could be trusted. */
  irregular(): void;
}

/** What an id says of the events before it. */
export type Seen =
  | { kind: 'next' | 'repeated' | 'restarted' }
  /** So many events never came; `after` is the number before the gap. */
  | { kind: 'gap'; missing: number; after: number };

/** The ids of one stream, through all of its connections. */
export interface EventIds {
  /** `resumed`: the first event on a new connection; `now`: when it came, ms. */
  see(id: string, resumed: boolean, now: number): Seen;
  /** Events went by unread: the next one is not held against those before. */
  forget(): void;
}

export function idScheme(): IdScheme {
  let steps = 0;
  let irregular = false;
  let perSec = 0;
  return {
    learning: true,
    get perSec() {
      return perSec;
    },
    heard(events) {
      perSec = Math.max(perSec, events);
    },
    get consecutive() {
      return !irregular && steps >= STEPS_TO_TRUST;
    },
    step() {
      steps += 1;
    },
    irregular() {
      irregular = true;
    },
  };
}

interface Series {
  current: number;
  highest: number;
  /** When its last event came, and on which connection. */
  at: number;
  connection: number;
  /** Its numbering began anew. */
  restarted: boolean;
}

export function eventIds(scheme: IdScheme): EventIds {
  const all = new Map<string, Series>();
  let connection = 0;
  let second = { from: Number.NEGATIVE_INFINITY, events: 0 };

  const count = (now: number): void => {
    if (now - second.from >= RATE_MS) second = { from: now, events: 0 };
    second.events += 1;
    scheme.heard(second.events);
  };

  /** Whether so many events can have come since the last one. */
  const isExplained = (missing: number, { at, restarted }: Series, now: number): boolean => {
    const usual = 1 + (scheme.perSec * (now - at)) / RATE_MS;
    return missing <= usual * (restarted ? EXPLAINED.restarted : EXPLAINED.first);
  };

  const follow = (name: string, series: Series): void => {
    all.delete(name);
    all.set(name, series);
    if (all.size > MOST_SERIES) all.delete(all.keys().next().value as string);
  };

  return {
    see(id, resumed, now) {
      if (resumed) connection += 1;
      const numbered = id.length > MAX_ID_CHARACTERS ? null : /^(.*?)(\d{1,15})$/s.exec(id);
      if (numbered === null) return { kind: 'next' };
      const name = numbered[1] as string;
      const current = Number(numbered[2]);
      const before = all.get(name);
      const own = { current, at: now, connection };
      if (before === undefined) {
        follow(name, { ...own, highest: current, restarted: false });
        return { kind: 'next' };
      }
      const isFirst = before.connection !== connection;
      const told = compare(before, current);
      const isOther = isFirst && told.kind === 'gap' && !isExplained(told.missing, before, now);
      const seen: Seen = isOther ? { kind: 'restarted' } : told;
      const restarted = seen.kind === 'restarted';
      const highest = restarted ? current : Math.max(before.highest, current);
      follow(name, { ...own, highest, restarted: restarted || before.restarted });
      if (seen.kind === 'next') {
        scheme.step();
        if (!isFirst) count(now);
      }
      if (seen.kind !== 'gap') return seen;
      if (!isFirst && (scheme.learning || !scheme.consecutive)) scheme.irregular();
      return scheme.consecutive ? seen : { kind: 'next' };
    },
    forget: () => all.clear(),
  };
}

/**
 * A number that goes back is a replay, in which nothing can be missing up to the highest number seen, or a numbering that
 * began anew; it falls to less than half of the highest then.
 */
function compare({ current, highest }: Series, next: number): Seen {
  if (next <= current) return { kind: next * 2 <= highest && next !== current ? 'restarted' : 'repeated' };
  const missing = next - 1 - Math.max(current, highest);
  if (missing > LARGEST_GAP) return { kind: 'restarted' };
  if (missing > 0) return { kind: 'gap', missing, after: highest };
  return { kind: next <= highest ? 'repeated' : 'next' };
}
