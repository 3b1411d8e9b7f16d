import type { RunEvent, RunHeader } from '../model/event.js';
import type { LiveView } from '../model/live.js';
import { isFailure } from '../model/outcome.js';
import { MOVES_TRAFFIC } from '../model/phase.js';
import { PROBE_FAULTS } from '../model/probe.js';
import { type RateProfile, rateAt, withRateFrom } from '../model/rate.js';
import type { Sample } from '../model/sample.js';
import type { Threshold } from '../model/threshold.js';

const SECONDS_SHOWN = 120;
/** Answers of the baseline whose latency is kept: those of 500 s at 200/s. */
const BASELINE_KEPT = 100_000;

/** Keeps what the screen shows of a run under way, from its events and samples. */
export class Live {
  readonly #header: RunHeader;
  readonly #steps: LiveView['steps'];
  readonly #counts: LiveView['counts'] = {
    requests: 0,
    ok: 0,
    failed: 0,
    retryable: 0,
    blocked: 0,
    unsent: 0,
    probeFaults: 0,
    byError: {},
  };
  readonly #failures: number[] = [];
  readonly #p99: (number | null)[] = [];
  #second: { number: number; failed: number; latencies: number[] } = { number: 0, failed: 0, latencies: [] };
  #current: { step: LiveView['steps'][number]; since: number; isBaseline: boolean } | null = null;
  /** The rate of each stream as it was changed so far, and when the schedule began. */
  readonly #rates: RateProfile[];
  #firstDueAt: number | null = null;
  #lateness = 0;
  #lastFailure: string | null = null;
  /** Of the answers of the baseline, ms: what limits in terms of it are held against. */
  #baseline: number[] = [];
  #p99LimitMs: number | null;
  readonly #expectedMs: number | null;
  activity = '';
  /** How far the release has come: no step of it, one, one that moves traffic, its way back. */
  #reached: 'nothing' | 'step' | 'traffic' | 'way-back' = 'nothing';

  /** `expectedMs`: how long the run is likely to take; null where nobody knows. */
  constructor(header: RunHeader, expectedMs: number | null = null) {
    this.#header = header;
    this.#expectedMs = expectedMs;
    this.#p99LimitMs = p99LimitMs(header.thresholds, null);
    this.#rates = header.traffic.streams.map(({ rate }) => rate);
    const names = ['baseline', ...header.steps.map(({ name }) => name)];
    if (header.rehearsal !== 'none') names.push(...header.rollback.map(({ name }) => name));
    this.#steps = names.map((name) => ({ name, state: 'waiting', ms: 0 }));
  }

  event(event: RunEvent): void {
    if (event.type === 'phase') {
      this.#reach(event);
      this.#begin(event);
    }
    if (event.type === 'traffic-started') this.#firstDueAt = event.firstDueAt;
    if (event.type === 'rate') this.#changeRate(event);
    if (event.type === 'probe-fault') this.#probeFault(event);
    if (event.type === 'step-ended' && this.#current !== null) {
      this.#current.step.state = event.outcome;
      this.#current.step.ms = event.at - this.#current.since;
    }
  }

  sample(sample: Sample): void {
    const { outcome } = sample;
    if (sample.sentAt !== null) this.#lateness = Math.max(this.#lateness * 0.99, sample.sentAt - sample.dueAt);
    if (outcome.kind === 'unsent') this.#counts.unsent += 1;
    else this.#counts.requests += 1;
    if (outcome.kind === 'ok') this.#counts.ok += 1;
    if (outcome.kind === 'retryable') this.#counts.retryable += 1;
    if (outcome.kind === 'blocked') this.#counts.blocked += 1;
    const second = Math.floor(sample.endedAt / 1000);
    if (second > this.#second.number) this.#closeSecond(second);
    this.#second.latencies.push(sample.endedAt - sample.dueAt);
    if (this.#current?.isBaseline && this.#baseline.length < BASELINE_KEPT) {
      this.#baseline.push(sample.endedAt - sample.dueAt);
    }
    if (!isFailure(outcome)) return;
    this.#counts.failed += 1;
    this.#counts.byError[outcome.cause] = (this.#counts.byError[outcome.cause] ?? 0) + 1;
    this.#second.failed += 1;
    this.#lastFailure = `${(sample.endedAt / 1000).toFixed(1)} s ${outcome.cause} ${sample.flow}${this.#place(sample.endedAt)}`;
  }

  view(elapsedMs: number): LiveView {
    if (this.#current?.step.state === 'running') this.#current.step.ms = elapsedMs - this.#current.since;
    return {
      scenario: this.#header.scenario.name,
      target: this.#header.target.url,
      elapsedMs,
      expectedMs: this.#expectedMs,
      ratePerSec: this.#rateAt(elapsedMs),
      latenessMs: this.#lateness,
      steps: this.#steps,
      activity: this.activity,
      counts: this.#counts,
      failuresPerSecond: this.#failures,
      p99PerSecond: this.#p99,
      p99LimitMs: this.#p99LimitMs,
      lastFailure: this.#lastFailure,
      onInterrupt: this.#onInterrupt(),
    };
  }

  /** Only what users lost: the rest is for the report. */
  #probeFault({ at, probe, count }: Extract<RunEvent, { type: 'probe-fault' }>): void {
    const isBreach = PROBE_FAULTS[probe].some((fault) => fault.count === count && fault.severity === 'breach');
    if (!isBreach) return;
    this.#counts.probeFaults += 1;
    this.#lastFailure = `${(at / 1000).toFixed(1)} s ${probe} ${count}${this.#place(at)}`;
  }

  #place(at: number): string {
    if (this.#current === null) return '';
    return ` (${this.#current.step.name} +${((at - this.#current.since) / 1000).toFixed(1)} s)`;
  }

  #changeRate({ stream, from, ratePerSec }: Extract<RunEvent, { type: 'rate' }>): void {
    const [now, base] = [this.#rates[stream], this.#header.traffic.streams[stream]?.rate];
    if (now === undefined || base === undefined || this.#firstDueAt === null) return;
    this.#rates[stream] = withRateFrom(now, Math.max(0, from - this.#firstDueAt), ratePerSec, base);
  }

  /** What the schedule asks for now, all streams together. */
  #rateAt(elapsedMs: number): number {
    const at = this.#firstDueAt === null ? 0 : Math.max(0, elapsedMs - this.#firstDueAt);
    return this.#rates.reduce((sum, rate) => sum + rateAt(rate, at), 0);
  }

  #onInterrupt(): string {
    const { steps, rollback } = this.#header;
    if (steps.length === 0 && rollback.length === 0) return 'end the recording';
    if (steps.length === 0 || this.#reached === 'way-back') return 'finish the rollback';
    if (this.#reached === 'nothing') return 'stop';
    if (rollback.length === 0) return 'stop (no rollback is defined)';
    return this.#reached === 'traffic' ? 'roll back' : 'stop';
  }

  #reach({ name, role }: Extract<RunEvent, { type: 'phase' }>): void {
    const step = this.#header.steps.find((each) => each.name === name);
    if (role === 'emergency' || role === 'rehearsal') this.#reached = 'way-back';
    else if (role === 'forward') this.#reached = 'traffic';
    else if (step !== undefined && this.#reached !== 'traffic')
      this.#reached = MOVES_TRAFFIC.includes(step.kind) ? 'traffic' : 'step';
  }

  #begin({ name, kind, at }: Extract<RunEvent, { type: 'phase' }>): void {
    if (this.#current?.isBaseline) {
      this.#p99LimitMs = p99LimitMs(this.#header.thresholds, p99(this.#baseline));
      this.#baseline = [];
    }
    if (this.#current?.step.state === 'running') {
      this.#current.step.state = 'ok';
      this.#current.step.ms = at - this.#current.since;
    }
    let step = this.#steps.find((each) => each.name === name && each.state === 'waiting');
    if (step === undefined) {
      step = { name, state: 'waiting', ms: 0 };
      const place = this.#steps.findIndex(({ state }) => state === 'waiting');
      this.#steps.splice(place === -1 ? this.#steps.length : place, 0, step);
    }
    step.state = 'running';
    this.#current = { step, since: at, isBaseline: kind === 'baseline' };
  }

  #closeSecond(next: number): void {
    const { latencies, failed } = this.#second;
    this.#failures.push(failed);
    this.#p99.push(p99(latencies));
    if (this.#failures.length > SECONDS_SHOWN) {
      this.#failures.shift();
      this.#p99.shift();
    }
    this.#second = { number: next, failed: 0, latencies: [] };
  }
}

function p99(latencies: number[]): number | null {
  latencies.sort((a, b) => a - b);
  return latencies[Math.ceil(latencies.length * 0.99) - 1] ?? null;
}

/** The smallest limit that fails the run for the p99 of all traffic; those in terms of the baseline where its p99 is known. */
function p99LimitMs(thresholds: readonly Threshold[], baselineMs: number | null): number | null {
  const limits = thresholds
    .filter(({ metric, level, selector, aggregate, comparison }) => {
      const isP99 = typeof aggregate === 'object' && aggregate.p === 99;
      const ofAll = Object.keys(selector).length === 0;
      return metric === 'latency' && level === 'fail' && ofAll && isP99 && comparison.startsWith('<');
    })
    .flatMap(({ value, timesBaseline }) => {
      if (!timesBaseline) return [value];
      return baselineMs === null ? [] : [value * baselineMs];
    });
  return limits.length === 0 ? null : Math.min(...limits);
}
