/** One arrival of the schedule. */
export interface Arrival {
  seq: number;
  /** When it is due, ms after the schedule's start: `seq * 1000 / ratePerSec`. */
  offsetMs: number;
  flow: number;
  keepalive: boolean;
}

export interface ScheduleOptions {
  ratePerSec: number;
  weights: number[];
  keepaliveShare: number;
}

/**
 * An endless open-loop schedule: constant arrival rate on an absolute time axis, flows interleaved by smooth
 * weighted round-robin, and within each flow the connection kinds the same way, so that every flow is sent over
 * both kinds in the declared shares. The same options always give the same schedule.
 */
export function* schedule(options: ScheduleOptions): Generator<Arrival, never> {
  const nextFlow = smoothRoundRobin(options.weights);
  const nextKind = options.weights.map(() => smoothRoundRobin([options.keepaliveShare, 1 - options.keepaliveShare]));
  for (let seq = 0; ; seq += 1) {
    const flow = nextFlow();
    const keepalive = (nextKind[flow] as () => number)() === 0;
    yield { seq, offsetMs: (seq * 1000) / options.ratePerSec, flow, keepalive };
  }
}

/**
 * Smooth weighted round-robin (as in nginx' upstreams): each turn every weight is added to its own account, the
 * fullest account is picked (the first of equals) and pays the sum of the weights. Over `sum` turns each is
 * picked exactly by its weight, spread as evenly as can be.
 */
export function smoothRoundRobin(weights: number[]): () => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const accounts = weights.map(() => 0);
  return () => {
    let best = -1;
    weights.forEach((weight, index) => {
      if (weight <= 0) return;
      accounts[index] = (accounts[index] as number) + weight;
      // A hair's breadth decides nothing: sums of shares like 0.8 and 0.2 are not exact.
      if (best === -1 || (accounts[index] as number) > (accounts[best] as number) + 1e-9) best = index;
    });
    accounts[best] = (accounts[best] as number) - total;
    return best;
  };
}
