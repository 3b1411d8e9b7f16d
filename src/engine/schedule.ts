import { type Random, seededRandom, seedOf } from '../model/random.js';
import { type RateProfile, timeOfArrival, withRateFrom } from '../model/rate.js';

/** One arrival of the schedule. */
export interface Arrival {
  seq: number;
  /** When it is due, ms after the schedule's start. */
  offsetMs: number;
  flow: number;
  keepalive: boolean;
  /** How many arrivals of its flow came before it. */
  flowSeq: number;
}

export interface SchedulePlan {
  streams: readonly { rate: RateProfile }[];
  flows: readonly { weight: number; stream: number }[];
  keepaliveShare: number;
  arrival: 'even' | 'poisson';
  seed: number;
}

/**
 * An open-loop schedule on an absolute time axis: arrival n of a stream is due when the integral of its rate reaches n
 * (even), or the sum of n + 1 exponential gaps of mean 1 (Poisson, by time change: Lewis & Shedler 1979). Streams are
 * merged by due time. Within a stream flows are interleaved by smooth weighted round-robin, and within each flow the
 * connection kinds the same way, so that every flow is sent over both in the declared shares. The same plan and the
 * same changes of rate always give the same schedule, in every thread.
 */
export class Schedule {
  readonly #streams: Stream[];
  readonly #kinds: (() => number)[];
  readonly #counts: number[];
  #seq = 0;

  constructor(plan: SchedulePlan) {
    const { keepaliveShare } = plan;
    this.#streams = plan.streams.map(({ rate }, number) => {
      const flows = plan.flows.flatMap((flow, index) => (flow.stream === number ? [index] : []));
      const pick = smoothRoundRobin(flows.map((index) => (plan.flows[index] as { weight: number }).weight));
      const random = plan.arrival === 'poisson' ? seededRandom(seedOf(plan.seed, number)) : null;
      return new Stream(rate, random, () => flows[pick()] as number);
    });
    this.#kinds = plan.flows.map(() => smoothRoundRobin([keepaliveShare, 1 - keepaliveShare]));
    this.#counts = plan.flows.map(() => 0);
  }

  /** When the next arrival is due, ms after the schedule's start; Infinity where none ever is. */
  get nextOffsetMs(): number {
    return this.#next().offsetMs;
  }

  /** Takes the next arrival. */
  take(): Arrival {
    const stream = this.#next();
    const { offsetMs } = stream;
    const flow = stream.take();
    const keepalive = (this.#kinds[flow] as () => number)() === 0;
    const flowSeq = this.#counts[flow] as number;
    this.#counts[flow] = flowSeq + 1;
    const seq = this.#seq;
    this.#seq += 1;
    return { seq, offsetMs, flow, keepalive, flowSeq };
  }

  /** From `fromMs` on, which must not lie before an arrival already taken, a stream has another rate; null: its own again. */
  changeRate(stream: number, fromMs: number, ratePerSec: number | null): void {
    this.#streams[stream]?.changeRate(fromMs, ratePerSec);
  }

  #next(): Stream {
    let next = this.#streams[0] as Stream;
    for (const stream of this.#streams) if (stream.offsetMs < next.offsetMs) next = stream;
    return next;
  }
}

/** The arrivals of one rate. */
class Stream {
  readonly #base: RateProfile;
  readonly #random: Random | null;
  readonly #pick: () => number;
  #rate: RateProfile;
  /** The integral of the rate at which the next arrival is due. */
  #count: number;
  offsetMs: number;

  constructor(rate: RateProfile, random: Random | null, pick: () => number) {
    this.#base = rate;
    this.#rate = rate;
    this.#random = random;
    this.#pick = pick;
    this.#count = random === null ? 0 : exponential(random);
    this.offsetMs = timeOfArrival(rate, this.#count);
  }

  take(): number {
    this.#count += this.#random === null ? 1 : exponential(this.#random);
    this.offsetMs = timeOfArrival(this.#rate, this.#count);
    return this.#pick();
  }

  changeRate(fromMs: number, ratePerSec: number | null): void {
    this.#rate = withRateFrom(this.#rate, fromMs, ratePerSec, this.#base);
    this.offsetMs = timeOfArrival(this.#rate, this.#count);
  }
}

/**
 * The thread that sends an arrival. Not `seq mod threads`: flows and connection kinds take turns too, and one thread
 * would get all of one kind.
 */
export function senderOf(seq: number, threads: number): number {
  return threads === 1 ? 0 : seedOf(0, seq) % threads;
}

/** A gap of mean 1, by inversion. */
function exponential(random: Random): number {
  return -Math.log(1 - random());
}

/**
 * Smooth weighted round-robin (as in nginx' upstreams): each turn every weight is added to its own account, the
 * fullest account is picked (the first of equals) and pays the sum of the weights. Over `sum` turns each is
 * picked exactly by its weight, spread as evenly as can be.
 */
export function smoothRoundRobin(weights: readonly number[]): () => number {
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
