import dns from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { every } from './clock.js';

/** A question to the resolver that did not come back in this time failed; the next one waits until it does. */
const LIMIT_MS = 2000;

export interface NameReading {
  ms: number;
  error: string | null;
}

/**
 * Asks the system's resolver for a name, as connections do, one question at a time: a resolver that hangs occupies a
 * thread for each. `look` begins a question where none is under way, and says how the last one ended since the call
 * before; null where none did.
 */
export class NameWatch {
  readonly #name: string;
  #since: number | null = null;
  #ended: NameReading | null = null;
  /** Addresses of the last answer. */
  addresses: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  look(now: () => number): NameReading | null {
    const ended = this.#ended;
    this.#ended = null;
    if (this.#since === null) this.#ask(now);
    else if (now() - this.#since > LIMIT_MS) return { ms: rounded(now() - this.#since), error: 'no answer' };
    return ended;
  }

  async #ask(now: () => number): Promise<void> {
    const since = now();
    this.#since = since;
    let error: string | null = null;
    try {
      this.addresses = (await lookup(this.#name, { all: true })).map(({ address }) => address);
    } catch (reason) {
      error = (reason as NodeJS.ErrnoException).code ?? 'failed';
    }
    this.#ended = { ms: rounded(now() - since), error };
    this.#since = null;
  }
}

/** Half of the usual stall limit, as for arrivals that are late: what is sent later than that is not sent at all, ms. */
const SLOW_MS = 500;
const LOOK_MS = 20;
/** Where the next look comes later than this, the thread was not running in between, and an answer may have waited for it. */
const LATE_LOOK_MS = 2 * LOOK_MS;

/**
 * The lookup of a connection, where an answer that took too long is a failure of the resolver (EAI_AGAIN): how slow a
 * name server is must not count as a stall of the target. Time in which this thread was not running is not its doing.
 */
export const lookupInTime: LookupFunction = (name, options, done) => {
  let ms = 0;
  let last = performance.now();
  const look = (): void => {
    const at = performance.now();
    ms += Math.min(LATE_LOOK_MS, at - last);
    last = at;
  };
  const stopLooking = every(LOOK_MS, look);
  dns.lookup(name, options, (error, ...found) => {
    stopLooking();
    look();
    const slow = Object.assign(new Error(`the resolver took ${Math.round(ms)} ms`), { code: 'EAI_AGAIN' });
    done(error ?? (ms > SLOW_MS ? slow : null), ...(found as [string, number]));
  });
};

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
