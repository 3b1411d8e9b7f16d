/** By how much two clocks may drift apart, ms for each ms: 50 parts in a million. */
const DRIFT = 0.000_05;

/** The server's clock against that of the run. */
export interface ServerClock {
  /** The server's clock was `serverMs` at some time between two readings of the run's. */
  reading(sentAt: number, serverMs: number, gotAt: number): void;
  toRun(serverMs: number): number;
  /** By how much a time that was converted may be wrong, ms. */
  errorMs(): number;
}

/**
 * The difference of the clocks by the round trips of questions: the middle of one is wrong by half of it at most, and
 * the quickest one counts (Cristian, Probabilistic clock synchronization, Distributed Computing 3, 1989). What it is
 * worth fades with the drift of the clocks. A reading that contradicts it means that the server's clock was set.
 */
export function createServerClock(): ServerClock {
  let best: { offset: number; half: number; at: number } | null = null;
  let latest = 0;
  const faded = (at: number): number => (best === null ? Number.POSITIVE_INFINITY : best.half + DRIFT * (at - best.at));
  return {
    reading(sentAt, serverMs, gotAt) {
      const half = (gotAt - sentAt) / 2;
      const offset = sentAt + half - serverMs;
      latest = gotAt;
      const isContradiction = best !== null && Math.abs(offset - best.offset) > half + faded(gotAt);
      if (half <= faded(gotAt) || isContradiction) best = { offset, half, at: gotAt };
    },
    toRun: (serverMs) => Math.round((serverMs + (best?.offset ?? 0)) * 1000) / 1000,
    errorMs: () => Math.round(faded(latest) * 1000) / 1000,
  };
}
