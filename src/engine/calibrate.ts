import { Worker } from 'node:worker_threads';
import { ZddError } from '../model/errors.js';
import { constantRate } from '../model/rate.js';
import { type Sample, sampleAt } from '../model/sample.js';
import { clockSince, monotonicNs } from '../platform/clock.js';
import { endpointOf } from '../wire/endpoint.js';
import type { TrafficPlan } from './plan.js';
import { startTraffic } from './traffic.js';

/** What became of one rate that was tried. Times in ms. */
export interface RateTrial {
  ratePerSec: number;
  held: boolean;
  /** Why it was not held; empty where it was. */
  why: string;
  achievedPerSec: number;
  requests: number;
  failed: number;
  unsent: number;
  /** Sent - due: how late this machine sends. */
  latenessMs: Spread;
  /** End - due against a server that does nothing: what this machine adds to every latency. */
  latencyMs: Spread;
  /** Longest time in which nothing was sent. */
  largestSendGapMs: number;
}

export interface Spread {
  p50: number;
  p99: number;
  max: number;
}

export interface MachineCapacity {
  /** Highest rate that was held; 0 where none was. */
  heldPerSec: number;
  /** Whether the search ended at its own limit: the machine may hold more. */
  atLimit: boolean;
  /** p99 latency (end - due) of the loopback server at the lowest rate held: differences below it are noise, ms. */
  noiseFloorMs: number;
  trials: RateTrial[];
}

export interface MachineOptions {
  /** How long each rate is sent for, ms. */
  trialMs: number;
  maxRatePerSec: number;
  onTrial(trial: RateTrial): void;
}

const LOWEST_RATE = 200;
/** A rate is held if its lateness p99 is no higher than this: half of the shortest difference the judge speaks of. */
const LATENESS_LIMIT_MS = 10;
const ACHIEVED_SHARE = 0.99;
const REFINEMENTS = 2;

/** Doubles the rate against a loopback server in another thread until it is not held, then narrows the gap down twice. */
export async function measureMachine(options: MachineOptions): Promise<MachineCapacity> {
  const server = await startLoopbackServer();
  const trials: RateTrial[] = [];
  const isHeld = async (ratePerSec: number): Promise<boolean> => {
    // Twice before a rate is given up: one hiccup of a shared machine is not its limit.
    for (let tries = 0; tries < 2; tries += 1) {
      const trial = await tryRate(server.origin, ratePerSec, options.trialMs);
      trials.push(trial);
      options.onTrial(trial);
      if (trial.held) return true;
    }
    return false;
  };
  try {
    // The first requests pay for compiling the code; they are not looked at.
    await tryRate(server.origin, LOWEST_RATE, Math.min(1000, options.trialMs));
    let held = 0;
    let missed: number | null = null;
    for (let rate = Math.min(LOWEST_RATE, options.maxRatePerSec); missed === null && held < options.maxRatePerSec; ) {
      if (await isHeld(rate)) held = rate;
      else missed = rate;
      rate = Math.min(rate * 2, options.maxRatePerSec);
    }
    for (let left = REFINEMENTS; missed !== null && held > 0 && left > 0; left -= 1) {
      const middle = Math.round((held + missed) / 2);
      if (await isHeld(middle)) held = middle;
      else missed = middle;
    }
    const noiseFloorMs = trials.find((trial) => trial.held)?.latencyMs.p99 ?? 0;
    return { heldPerSec: held, atLimit: missed === null, noiseFloorMs, trials };
  } finally {
    await server.close();
  }
}

/** What a target answers when it is asked as fast as it answers (closed loop); `requests` is 0 where it did not. */
export interface TargetCapacity {
  requestsPerSec: number;
  latencyMs: Spread;
  requests: number;
  non2xx: number;
  errors: number;
  timeouts: number;
  connections: number;
  seconds: number;
}

/** Drives a URL with autocannon: each connection sends its next request when the answer to the last one is there. */
export async function measureTarget(
  url: string,
  { seconds, connections }: { seconds: number; connections: number },
): Promise<TargetCapacity> {
  const { default: autocannon } = await import('autocannon');
  const result = await autocannon({ url, duration: seconds, connections, timeout: 10 });
  return {
    requestsPerSec: result.requests.average,
    latencyMs: { p50: result.latency.p50, p99: result.latency.p99, max: result.latency.max },
    requests: result.requests.total,
    non2xx: result.non2xx,
    errors: result.errors,
    timeouts: result.timeouts,
    connections,
    seconds: result.duration,
  };
}

async function startLoopbackServer(): Promise<{ origin: string; close(): Promise<unknown> }> {
  const worker = new Worker(new URL('./loopback-server.js', import.meta.url), { name: 'zdd-verify loopback server' });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { origin: `http://127.0.0.1:${port}`, close: () => worker.terminate() };
}

async function tryRate(origin: string, ratePerSec: number, forMs: number): Promise<RateTrial> {
  const originNs = monotonicNs();
  const clock = clockSince(originNs);
  const samples: Sample[] = [];
  let fault: string | null = null;
  const traffic = await startTraffic(planFor(origin, ratePerSec), {
    originNs,
    onMessage: (message) => {
      if (message.type !== 'samples') return;
      for (let row = 0; row < message.batch.count; row += 1) samples.push(sampleAt(message.batch, row, ['loopback']));
    },
    onFault: (reason) => {
      fault = reason;
    },
  });
  try {
    await clock.sleep(traffic.firstDueAt - clock.now() + forMs);
    const { due } = await traffic.stop();
    return summarise(samples, ratePerSec, due);
  } catch (cause) {
    throw new ZddError('HARNESS_FAULT', fault ?? 'the sending thread failed', { cause });
  } finally {
    await traffic.kill();
  }
}

/** Ordinary traffic: most of it over a pool, a fifth on fresh connections. */
function planFor(origin: string, ratePerSec: number): TrafficPlan {
  return {
    endpoints: [endpointOf(origin)],
    timeoutMs: 5000,
    streams: [{ name: '', rate: constantRate(ratePerSec) }],
    arrival: 'even',
    seed: 1,
    threads: 1,
    keepaliveShare: 0.8,
    pool: 20,
    client: 'strict',
    maxInFlight: 5000,
    lateLimitMs: 1000,
    flows: [
      {
        name: 'loopback',
        weight: 1,
        stream: 0,
        endpoint: 0,
        template: null,
        clients: 0,
        method: 'GET',
        path: '/',
        headers: {},
        body: null,
        expect: { statuses: [200], body: null, json: [], headers: [] },
      },
    ],
    feeds: [],
    blocked: [],
    version: null,
    userAgent: 'zdd-verify (calibrate)',
  };
}

function summarise(samples: readonly Sample[], ratePerSec: number, due: number): RateTrial {
  const sent = samples.filter((sample) => sample.sentAt !== null);
  const sentAt = sent.map((sample) => sample.sentAt as number).sort((a, b) => a - b);
  const failed = sent.filter(({ outcome }) => outcome.kind !== 'ok').length;
  const unsent = due - sent.length;
  const latenessMs = spread(sent.map((sample) => (sample.sentAt as number) - sample.dueAt));
  const spanSec = ((sentAt.at(-1) ?? 0) - (sentAt[0] ?? 0)) / 1000;
  const achievedPerSec = spanSec > 0 ? (sent.length - 1) / spanSec : 0;
  const why =
    unsent > 0
      ? `${unsent} not sent`
      : failed > 0
        ? `${failed} failed`
        : latenessMs.p99 > LATENESS_LIMIT_MS
          ? `p99 lateness over ${LATENESS_LIMIT_MS} ms`
          : achievedPerSec < ratePerSec * ACHIEVED_SHARE
            ? 'sent too slowly'
            : '';
  return {
    ratePerSec,
    held: why === '',
    why,
    achievedPerSec,
    requests: sent.length,
    failed,
    unsent,
    latenessMs,
    latencyMs: spread(sent.map((sample) => sample.endedAt - sample.dueAt)),
    largestSendGapMs: largestGap(sentAt),
  };
}

function largestGap(sorted: readonly number[]): number {
  let largest = 0;
  for (let index = 1; index < sorted.length; index += 1) {
    largest = Math.max(largest, (sorted[index] as number) - (sorted[index - 1] as number));
  }
  return largest;
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
