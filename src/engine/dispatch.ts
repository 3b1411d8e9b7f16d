import type { Outcome, UnsentCause } from '../model/outcome.js';
import type { Sample } from '../model/sample.js';
import { classify } from '../wire/classify.js';
import type { Connection } from '../wire/connection.js';
import { type Exchange, exchange, type Pending } from '../wire/exchange.js';
import { needsBody, versionOf } from '../wire/expect.js';
import type { TrafficPlan } from './plan.js';
import { Pool } from './pool.js';
import type { Arrival } from './schedule.js';

export interface DispatchEvents {
  sample(sample: Sample): void;
  idleClosed(at: number, idleMs: number, how: 'fin' | 'rst'): void;
}

type Flow = TrafficPlan['flows'][number] & { target: string; keepBody: boolean };

/** Sends arrivals when it is told to and reports the fate of each exactly once. Keeps no time of its own. */
export class Dispatch {
  readonly #plan: TrafficPlan;
  readonly #flows: Flow[];
  readonly #now: () => number;
  readonly #events: DispatchEvents;
  readonly #pool: Pool;
  /** Requests under way, the oldest first: all share one timeout, so they expire in this order. */
  readonly #pending = new Set<Pending>();

  constructor(plan: TrafficPlan, now: () => number, events: DispatchEvents) {
    this.#plan = plan;
    this.#now = now;
    this.#events = events;
    this.#flows = plan.flows.map((flow) => ({
      ...flow,
      headers: { 'user-agent': plan.userAgent, ...flow.headers },
      target: flow.path,
      keepBody: needsBody(flow.expect, plan.version),
    }));
    this.#pool = new Pool(plan.origin, plan.pool, now, (connection, how) => {
      const at = now();
      events.idleClosed(at, at - (connection.idleSince ?? at), how);
    });
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  get openConnections(): number {
    return this.#pool.openConnections;
  }

  /** Sends one arrival now; one that is too late, or over the cap, is reported as unsent. */
  send(arrival: Arrival, dueAt: number): void {
    const late = this.#now() - dueAt;
    if (late > this.#plan.lateLimitMs) this.#unsent(arrival, dueAt, 'late', `${Math.round(late)} ms late`);
    else if (this.inFlight >= this.#plan.maxInFlight) this.#unsent(arrival, dueAt, 'cap', `${this.inFlight} in flight`);
    else this.#sendOn(arrival.keepalive ? this.#pool.keepalive() : this.#pool.fresh(), arrival, dueAt);
  }

  /** Gives up every request that is out of time. */
  expire(): void {
    const oldest = this.#now() - this.#plan.timeoutMs;
    for (const pending of this.#pending) {
      if (pending.sentAt > oldest) return;
      pending.expire();
    }
  }

  close(): void {
    this.#pool.closeAll();
  }

  #sendOn(connection: Connection, arrival: Arrival, dueAt: number, firstSentAt?: number): void {
    const flow = this.#flows[arrival.flow] as Flow;
    const pending = exchange(connection, flow, this.#now, (result) => {
      this.#pending.delete(pending);
      this.#pool.release(connection);
      const sentAt = firstSentAt ?? result.sentAt;
      // The server had closed the idle connection before a byte was written: the request is still to be sent.
      const unwritten = result.writtenAt === null && connection.requests > 0 && !result.timedOut;
      if (unwritten) this.#sendOn(this.#pool.fresh(), arrival, dueAt, sentAt);
      else this.#report(connection, arrival, dueAt, { ...result, sentAt });
    });
    this.#pending.add(pending);
  }

  #report(connection: Connection, arrival: Arrival, dueAt: number, result: Exchange): void {
    const flow = this.#flows[arrival.flow] as Flow;
    const outcome = classify(flow, result, this.#plan.client);
    this.#events.sample({
      seq: arrival.seq,
      flow: flow.name,
      connection: result.reuse > 0 ? 'reused' : 'fresh',
      connectionId: connection.connectedAt === null ? 0 : connection.id,
      reuse: result.reuse,
      idleMs: result.idleMs,
      dueAt,
      sentAt: outcome.kind === 'unsent' ? null : result.sentAt,
      connectedAt: result.writtenAt,
      firstByteAt: result.firstByteAt,
      endedAt: result.endedAt,
      outcome,
      version: result.status === null ? null : versionOf(this.#plan.version, result),
      bytes: result.bytes,
    });
  }

  #unsent(arrival: Arrival, dueAt: number, cause: UnsentCause, detail: string): void {
    const outcome: Outcome = { kind: 'unsent', cause, detail };
    const flow = this.#flows[arrival.flow] as Flow;
    this.#events.sample({
      seq: arrival.seq,
      flow: flow.name,
      connection: arrival.keepalive ? 'reused' : 'fresh',
      connectionId: 0,
      reuse: 0,
      idleMs: 0,
      dueAt,
      sentAt: null,
      connectedAt: null,
      firstByteAt: null,
      endedAt: this.#now(),
      outcome,
      version: null,
      bytes: 0,
    });
  }
}
