import type { Outcome, UnsentCause } from '../model/outcome.js';
import { isCached } from '../wire/cache.js';
import { expiryNote } from '../wire/certificate.js';
import { classify } from '../wire/classify.js';
import type { Connection, Pending } from '../wire/connection.js';
import { type Exchange, isUnwritten } from '../wire/exchange.js';
import { versionOf } from '../wire/expect.js';
import { isCloseHinted } from '../wire/keep-alive.js';
import type { Row } from './columns.js';
import { InFlight } from './in-flight.js';
import type { TrafficFlow, TrafficPlan } from './plan.js';
import { Pool } from './pool.js';
import { type Prepared, requestsOf } from './requests.js';
import type { Arrival } from './schedule.js';

export interface DispatchEvents {
  row(row: Row): void;
  idleClosed(at: number, idleMs: number, how: 'fin' | 'rst'): void;
  /** Something worth a line in the report. */
  note(text: string): void;
}

/** Which part of the schedule a thread sends: it is one of `senders`, numbered from 0, over all shards. */
export interface SenderPlace {
  sender: number;
  senders: number;
}

/** A thread's place and its clocks. */
export interface DispatchPlace extends SenderPlace {
  /** The run's time. */
  now(): number;
  /** Wall time, ms since 1970. */
  wallMs(): number;
}

/** A request under way. */
interface Sent {
  /** When it was sent first. */
  at: number;
  pending: Pending;
}

/** Sends arrivals when it is told to and reports the fate of each exactly once. Keeps no time of its own. */
export class Dispatch {
  readonly #plan: TrafficPlan;
  readonly #place: DispatchPlace;
  readonly #now: () => number;
  readonly #events: DispatchEvents;
  readonly #requests: ReturnType<typeof requestsOf>[];
  readonly #pools: Pool[];
  readonly #maxInFlight: number;
  /** Requests under way, by when each was sent first: all share one timeout, so they expire in this order. */
  readonly #pending = new InFlight<Sent>();
  readonly #certificatesSeen = new Set<number>();

  constructor(plan: TrafficPlan, place: DispatchPlace, events: DispatchEvents) {
    this.#plan = plan;
    this.#place = place;
    this.#now = () => place.now();
    this.#events = events;
    this.#requests = plan.flows.map((flow) => requestsOf(flow, plan, () => place.wallMs(), place.senders));
    const { sender, senders } = place;
    this.#maxInFlight = shareOf(plan.maxInFlight, senders, sender);
    let made = 0;
    const nextId = (): number => {
      made += 1;
      return (made - 1) * senders + sender + 1;
    };
    const size = shareOf(plan.pool, senders, sender);
    this.#pools = plan.endpoints.map(
      (endpoint) =>
        new Pool(endpoint, size, nextId, this.#now, (connection, how) => {
          const at = this.#now();
          const idleMs = at - (connection.idleSince ?? at);
          if (!isCloseHinted(connection.keepAlive, idleMs)) events.idleClosed(at, idleMs, how);
        }),
    );
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  get openConnections(): number {
    return this.#pools.reduce((sum, pool) => sum + pool.openConnections, 0);
  }

  /** Sends one arrival now; one that is too late, or over the cap, is reported as unsent. */
  send(arrival: Arrival, dueAt: number): void {
    const late = this.#now() - dueAt;
    if (late > this.#plan.lateLimitMs) this.#unsent(arrival, dueAt, 'late', `${Math.round(late)} ms late`);
    else if (this.inFlight >= this.#maxInFlight) this.#unsent(arrival, dueAt, 'cap', `${this.inFlight} in flight`);
    else {
      const pool = this.#poolOf(arrival);
      const prepared = (this.#requests[arrival.flow] as ReturnType<typeof requestsOf>)(arrival);
      this.#sendOn(arrival.keepalive ? pool.keepalive() : pool.fresh(), prepared, arrival, dueAt);
    }
  }

  /** Gives up every request that is out of time. */
  expire(): void {
    const oldest = this.#now() - this.#plan.timeoutMs;
    for (let flight = this.#pending.oldest; flight !== null && flight.value.at <= oldest; ) {
      const { after } = flight;
      flight.value.pending.expire();
      flight = after;
    }
  }

  close(): void {
    for (const pool of this.#pools) pool.closeAll();
  }

  /** Sends it, and again where it was not written; both count as one, from the first time on. */
  #sendOn(connection: Connection, prepared: Prepared, arrival: Arrival, dueAt: number): void {
    const sendOn = (connection: Connection): Pending =>
      connection.exchange(prepared.request, (result) => {
        this.#poolOf(arrival).release(connection);
        if (isUnwritten(result)) {
          sent.pending = sendOn(this.#poolOf(arrival).fresh());
          return;
        }
        this.#pending.remove(flight);
        this.#report(connection, prepared, arrival, dueAt, sent.at, result);
      });
    const pending = sendOn(connection);
    const sent: Sent = { at: pending.sentAt, pending };
    const flight = this.#pending.add(sent);
  }

  #report(
    connection: Connection,
    prepared: Prepared,
    arrival: Arrival,
    dueAt: number,
    sentAt: number,
    result: Exchange,
  ): void {
    const { version, client, blocked } = this.#plan;
    const outcome = classify(this.#flowOf(arrival), result, client, blocked);
    const answered = result.status !== null;
    if (answered) prepared.received(result);
    this.#events.row({
      seq: arrival.seq,
      flow: arrival.flow,
      reused: result.reuse > 0,
      connectionId: connection.connectedAt === null ? 0 : connection.id,
      reuse: result.reuse,
      idleMs: result.idleMs,
      dueAt,
      sentAt: outcome.kind === 'unsent' ? Number.NaN : sentAt,
      connectedAt: result.writtenAt ?? Number.NaN,
      firstByteAt: result.firstByteAt ?? Number.NaN,
      endedAt: result.endedAt,
      outcome,
      version: answered && this.#flowOf(arrival).endpoint === 0 ? versionOf(version, result) : null,
      bytes: result.bytes,
      cached: answered && isCached(result.headers),
    });
    if (connection.certificateUntil !== null) this.#noteCertificate(arrival, connection.certificateUntil);
  }

  #unsent(arrival: Arrival, dueAt: number, cause: UnsentCause, detail: string): void {
    const outcome: Outcome = { kind: 'unsent', cause, detail };
    this.#events.row({
      seq: arrival.seq,
      flow: arrival.flow,
      reused: arrival.keepalive,
      connectionId: 0,
      reuse: 0,
      idleMs: 0,
      dueAt,
      sentAt: Number.NaN,
      connectedAt: Number.NaN,
      firstByteAt: Number.NaN,
      endedAt: this.#now(),
      outcome,
      version: null,
      bytes: 0,
      cached: false,
    });
  }

  #noteCertificate(arrival: Arrival, until: number): void {
    if (this.#certificatesSeen.has(until)) return;
    this.#certificatesSeen.add(until);
    const note = expiryNote(until, this.#place.wallMs());
    const origin = this.#plan.endpoints[this.#flowOf(arrival).endpoint]?.origin;
    if (note !== null) this.#events.note(`${origin}: ${note}`);
  }

  #flowOf(arrival: Arrival): TrafficFlow {
    return this.#plan.flows[arrival.flow] as TrafficFlow;
  }

  #poolOf(arrival: Arrival): Pool {
    return this.#pools[this.#flowOf(arrival).endpoint] as Pool;
  }
}

/** A sender's part of what all senders have together, at least 1. */
function shareOf(whole: number, senders: number, sender: number): number {
  return Math.max(1, Math.floor(whole / senders) + (sender < whole % senders ? 1 : 0));
}
