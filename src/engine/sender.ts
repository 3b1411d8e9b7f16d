import type { SampleRow } from '../model/sample.js';
import { toRow } from '../model/sample.js';
import type { Clock } from '../platform/clock.js';
import { Dispatch } from './dispatch.js';
import type { TrafficPlan } from './plan.js';
import type { ThreadMessage } from './protocol.js';
import { type Arrival, schedule } from './schedule.js';
import { SelfWatch } from './self-watch.js';

/** The loop looks around at least this often, so that a pause of the machine has a beginning and an end. */
const MAX_TICK_MS = 10;
/** A tick that begins later than this is a pause: the thread was not running, or was kept from finishing the last one. */
const PAUSE_MS = 50;
const SHIP_EVERY_MS = 100;
const SHIP_ROWS = 2000;

/**
 * The sending loop: sends what is due, ships what ended, watches itself. Runs in a thread of its own and does
 * nothing else. `stop` ends the schedule; the loop ends when the last request has ended.
 */
export class Sender {
  readonly #clock: Clock;
  readonly #post: (message: ThreadMessage) => void;
  readonly #arrivals: Iterator<Arrival, never>;
  readonly #dispatch: Dispatch;
  readonly #watch: SelfWatch;
  readonly #firstDueAt: number;
  #rows: SampleRow[] = [];
  #shippedAt = 0;
  #next: Arrival;
  #due = 0;
  #recorded = 0;
  #lastTickAt: number;
  #stopAt = Number.POSITIVE_INFINITY;

  constructor(plan: TrafficPlan, firstDueAt: number, clock: Clock, post: (message: ThreadMessage) => void) {
    this.#clock = clock;
    this.#post = post;
    this.#firstDueAt = firstDueAt;
    this.#arrivals = schedule({
      ratePerSec: plan.ratePerSec,
      weights: plan.flows.map(({ weight }) => weight),
      keepaliveShare: plan.keepaliveShare,
    });
    this.#next = this.#arrivals.next().value;
    this.#dispatch = new Dispatch(plan, () => clock.now(), {
      sample: (sample) => {
        this.#recorded += 1;
        this.#rows.push(toRow(sample));
      },
      idleClosed: (at, idleMs, how) => post({ type: 'idle-closed', at, idleMs, how }),
    });
    this.#watch = new SelfWatch();
    this.#lastTickAt = clock.now();
    this.#tick();
  }

  stop(): void {
    this.#stopAt = Math.min(this.#stopAt, this.#clock.now());
  }

  #tick = (): void => {
    const now = this.#clock.now();
    const dueBackAt = this.#lastTickAt + MAX_TICK_MS;
    const paused = now - dueBackAt > PAUSE_MS;
    if (paused) this.#post({ type: 'pause', from: dueBackAt, at: now });
    this.#lastTickAt = now;
    // After a pause answers may wait unread in the sockets: read them before anything is called timed out.
    if (paused) setImmediate(() => this.#dispatch.expire());
    else this.#dispatch.expire();
    this.#sendDue();
    if (this.#rows.length >= SHIP_ROWS || now - this.#shippedAt >= SHIP_EVERY_MS) this.#ship(now);
    if (this.#stopped && this.#dispatch.inFlight === 0) this.#end();
    else this.#scheduleTick();
  };

  get #stopped(): boolean {
    return this.#nextDueAt > this.#stopAt;
  }

  get #nextDueAt(): number {
    return Math.round((this.#firstDueAt + this.#next.offsetMs) * 1000) / 1000;
  }

  #sendDue(): void {
    while (!this.#stopped && this.#nextDueAt <= this.#clock.now()) {
      this.#due += 1;
      this.#dispatch.send(this.#next, this.#nextDueAt);
      this.#next = this.#arrivals.next().value;
    }
  }

  #scheduleTick(): void {
    const now = this.#clock.now();
    const untilDue = this.#stopped ? MAX_TICK_MS : this.#nextDueAt - now;
    const delay = Math.min(MAX_TICK_MS, Math.max(0, untilDue));
    setTimeout(this.#tick, delay);
  }

  #ship(now: number): void {
    this.#shippedAt = now;
    if (this.#rows.length > 0) this.#post({ type: 'samples', rows: this.#rows });
    this.#rows = [];
    const observation = this.#watch.observe(now);
    if (observation === null) return;
    const { inFlight, openConnections } = this.#dispatch;
    this.#post({ type: 'harness', at: now, ...observation, inFlight, openConnections });
  }

  #end(): void {
    const now = this.#clock.now();
    this.#ship(now);
    this.#watch.close();
    this.#dispatch.close();
    this.#post({ type: 'ended', at: now, due: this.#due, recorded: this.#recorded });
  }
}
