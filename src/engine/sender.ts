import { senderOf } from '../model/senders.js';
import type { Clock } from '../platform/clock.js';
import { wallTime } from '../platform/clock.js';
import { SampleColumns } from './columns.js';
import { Dispatch, type SenderPlace } from './dispatch.js';
import type { TrafficPlan } from './plan.js';
import type { Order, ThreadMessage } from './protocol.js';
import { Schedule } from './schedule.js';
import { SelfWatch } from './self-watch.js';

/** The loop looks around at least this often, so that a pause of the machine has a beginning and an end. */
const MAX_TICK_MS = 10;
/** A tick that begins later than this is a pause: the thread was not running, or was kept from finishing the last one. */
const PAUSE_MS = 50;
const SHIP_EVERY_MS = 100;

/**
 * The sending loop of one thread: of the whole schedule it sends its own share when it is due, ships what ended, and
 * watches itself. Runs in a thread of its own and does nothing else. It ends when the last request has ended.
 */
export class Sender {
  readonly #place: SenderPlace;
  readonly #clock: Clock;
  readonly #post: (message: ThreadMessage) => void;
  readonly #schedule: Schedule;
  readonly #dispatch: Dispatch;
  readonly #watch = new SelfWatch();
  readonly #columns = new SampleColumns();
  readonly #firstDueAt: number;
  #shippedAt = 0;
  #due = 0;
  #recorded = 0;
  #lastTickAt: number;
  #takenUntil = Number.NEGATIVE_INFINITY;
  #stopAt = Number.POSITIVE_INFINITY;

  constructor(
    plan: TrafficPlan,
    { sender, senders }: SenderPlace,
    firstDueAt: number,
    clock: Clock,
    post: (message: ThreadMessage) => void,
  ) {
    this.#place = { sender, senders };
    this.#clock = clock;
    this.#post = post;
    this.#firstDueAt = firstDueAt;
    this.#schedule = new Schedule(plan);
    const place = { sender, senders, now: () => clock.now(), wallMs: () => wallTime().getTime() };
    this.#dispatch = new Dispatch(plan, place, {
      row: (row) => {
        this.#recorded += 1;
        this.#columns.add(row);
        if (this.#columns.isFull) this.#shipSamples(clock.now());
      },
      idleClosed: (at, idleMs, how) => post({ type: 'idle-closed', at, idleMs, how }),
      note: (text) => post({ type: 'note', at: clock.now(), text }),
    });
    this.#lastTickAt = clock.now();
    this.#tick();
  }

  /** Ends the schedule, or changes a rate; where others send of the same schedule, all must do so at one instant. */
  command(command: Order): void {
    // What was taken beyond an end that came too late is counted as due, here and in the record.
    if (command.type === 'stop') this.#stopAt = Math.min(this.#stopAt, command.at);
    else {
      const from = this.#notBefore(command.from);
      // In whole microseconds: the same number for every sender, whatever its clock began with.
      const fromMs = Math.round((from - this.#firstDueAt) * 1000) / 1000;
      this.#schedule.changeRate(command.stream, fromMs, command.ratePerSec);
      if (this.#place.sender === 0) this.#post({ ...command, at: this.#clock.now(), from });
    }
  }

  /** What has been taken from the schedule stands: an order that came too late counts from there. */
  #notBefore(at: number): number {
    if (at > this.#takenUntil) return at;
    if (this.#place.senders > 1) throw new Error('a sending thread was told too late to change the rate');
    return this.#takenUntil + 0.001;
  }

  #tick = (): void => {
    const now = this.#clock.now();
    const dueBackAt = this.#lastTickAt + MAX_TICK_MS;
    if (now - dueBackAt > PAUSE_MS) this.#post({ type: 'pause', thread: this.#place.sender, from: dueBackAt, at: now });
    this.#lastTickAt = now;
    this.#dispatch.expire();
    this.#sendDue();
    if (now - this.#shippedAt >= SHIP_EVERY_MS) this.#ship(now);
    if (this.#stopped && this.#dispatch.inFlight === 0) this.#end();
    else this.#scheduleTick();
  };

  get #stopped(): boolean {
    return this.#nextDueAt > this.#stopAt;
  }

  get #nextDueAt(): number {
    return Math.round((this.#firstDueAt + this.#schedule.nextOffsetMs) * 1000) / 1000;
  }

  #sendDue(): void {
    const { sender, senders } = this.#place;
    const until = this.#clock.now() + MAX_TICK_MS;
    for (let dueAt = this.#nextDueAt; dueAt <= this.#clock.now() && dueAt <= this.#stopAt; dueAt = this.#nextDueAt) {
      const arrival = this.#schedule.take();
      this.#takenUntil = dueAt;
      if (senderOf(arrival.seq, senders) !== sender) continue;
      this.#due += 1;
      this.#dispatch.send(arrival, dueAt);
      // Sending never keeps the loop from reading: answers, time-outs and orders would wait, and be called the target's.
      if (this.#clock.now() >= until) return;
    }
  }

  #scheduleTick(): void {
    const untilDue = this.#stopped ? MAX_TICK_MS : this.#nextDueAt - this.#clock.now();
    // Timers come before sockets in a turn of the loop. What came while the thread slept is read first: an answer before
    // it is called timed out, a close before another request is sent on that connection.
    setTimeout(() => setImmediate(this.#tick), Math.min(MAX_TICK_MS, Math.max(0, untilDue)));
  }

  #ship(now: number): void {
    this.#shippedAt = now;
    this.#shipSamples(now);
    const observation = this.#watch.observe(now);
    if (observation === null) return;
    const { inFlight, openConnections } = this.#dispatch;
    this.#post({ type: 'harness', at: now, thread: this.#place.sender, ...observation, inFlight, openConnections });
  }

  #shipSamples(now: number): void {
    if (this.#columns.count > 0) this.#post({ type: 'samples', at: now, batch: this.#columns.take() });
  }

  #end(): void {
    const now = this.#clock.now();
    this.#ship(now);
    this.#watch.close();
    this.#dispatch.close();
    this.#post({ type: 'ended', at: now, due: this.#due, recorded: this.#recorded });
  }
}
