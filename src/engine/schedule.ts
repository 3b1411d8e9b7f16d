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

/** Where the seeds of the turns begin; the spacing of Poisson arrivals has those below. */
const FLOW_TURNS = 1_000_000;
const KIND_TURNS = 2_000_000;

/**
 * An open-loop schedule on an absolute time axis: arrival n of a stream is due when the integral of its rate reaches n
 * (even), or the sum of n + 1 exponential gaps of mean 1 (Poisson, by time change: Lewis & Shedler 1979). Streams are
 * merged by due time. Within a stream flows take turns by weight, and within each flow the connection kinds the same way, so
 * that every flow is sent over both in the declared shares. The same plan and the
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
      const weights = flows.map((index) => (plan.flows[index] as { weight: number }).weight);
      const pick = weightedTurns(weights, seededRandom(seedOf(plan.seed, FLOW_TURNS + number)));
      const random = plan.arrival === 'poisson' ? seededRandom(seedOf(plan.seed, number)) : null;
      return new Stream(rate, random, () => flows[pick()] as number);
    });
    this.#kinds = plan.flows.map((_, flow) =>
      weightedTurns([keepaliveShare, 1 - keepaliveShare], seededRandom(seedOf(plan.seed, KIND_TURNS + flow))),
    );
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

/** A gap of mean 1, by inversion. */
function exponential(random: Random): number {
  return -Math.log(1 - random());
}

/** Of the sum of the weights: as far as chance moves the accounts of the turns. */
const NOISE = 1.5;

/**
 * Turns by weight, in an order that nothing can fall in step with. Each turn every weight is added to its own account, the
 * account that is fullest with a random part of up to 1.5 times the sum of the weights is picked, and it pays that sum. So
 * none is ever more than two turns away from its share, while one turn of n, for any n, goes to each by its share: without
 * chance (smooth weighted round-robin) a balancer that goes by turns itself would let a flow meet one instance alone.
 */
export function weightedTurns(weights: readonly number[], random: Random): () => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const accounts = weights.map(() => 0);
  return () => {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    weights.forEach((weight, index) => {
      if (weight <= 0) return;
      const account = (accounts[index] as number) + weight;
      accounts[index] = account;
      const drawn = account + random() * NOISE * total;
      if (drawn > most) [best, most] = [index, drawn];
    });
    accounts[best] = (accounts[best] as number) - total;
    return best;
  };
}
