import type { EndEvent, RunEvent, RunHeader, StreamPlan } from '../../src/model/event.js';
import type { LostCause, Outcome } from '../../src/model/outcome.js';
import type { PhaseKind, StepRole } from '../../src/model/phase.js';
import type { ProbeName } from '../../src/model/probe.js';
import { constantRate } from '../../src/model/rate.js';
import type { Run } from '../../src/model/run.js';
import type { Sample } from '../../src/model/sample.js';
import type { Threshold } from '../../src/model/threshold.js';
import type { WatchHeader } from '../../src/model/watch.js';
import { createFold, type Fold } from '../../src/record/fold/fold.js';

export const OK: Outcome = { kind: 'ok', status: 200 };
export const REFUSED = lost('refused');
export const TIMEOUT = lost('timeout');

export function lost(cause: LostCause): Outcome {
  return { kind: 'lost', cause, status: null, detail: cause };
}

export function wrong(status: number): Outcome {
  return { kind: 'wrong', cause: 'unexpected-status', status, detail: `${status}` };
}

export interface PhasePlan {
  name: string;
  kind?: PhaseKind;
  role?: StepRole;
  ms: number;
  /** Ready this long after the phase's start; null for a gate that never opened. */
  readyAfterMs?: number | null;
  exitCode?: number;
  outcome?: 'ok' | 'failed' | 'timeout' | 'not-ready';
}

/** What becomes of an arrival: parts of its sample; times are relative to its due time. */
export type Fate = (arrival: { seq: number; dueAt: number; flow: string; phase: string; role: StepRole }) => {
  outcome?: Outcome;
  latencyMs?: number;
  lateMs?: number;
  connection?: Sample['connection'];
  idleMs?: number;
  cached?: boolean;
  version?: string | null;
  skip?: boolean;
};

export interface RunPlan {
  ratePerSec?: number;
  flows?: { name: string; weight: number }[];
  timeoutMs?: number;
  threads?: number;
  phases?: PhasePlan[];
  thresholds?: Threshold[];
  probes?: ProbeName[];
  watch?: WatchHeader[];
  arrival?: 'even' | 'poisson';
  /** Rates of the streams; the arrivals themselves stay even at `ratePerSec`. */
  streams?: StreamPlan[];
  version?: RunHeader['version'];
  fate?: Fate;
  events?: RunEvent[];
  end?: Partial<EndEvent> | null;
  /** Whether the traffic's end is on record. */
  ended?: boolean;
}

export const PHASES: PhasePlan[] = [
  { name: 'warmup', kind: 'warmup', ms: 1000 },
  { name: 'baseline', kind: 'baseline', ms: 5000 },
  { name: 'build', kind: 'build', ms: 1000 },
  { name: 'migrate', kind: 'migrate', ms: 2000 },
  { name: 'reload', kind: 'reload', ms: 5000, readyAfterMs: 500 },
  { name: 'rollback', kind: 'rollback', role: 'rehearsal', ms: 5000, readyAfterMs: 400 },
];

/** A threshold as the scenario's loader would hand it over. */
export function threshold(metric: Threshold['metric'], rest: Partial<Threshold> = {}): Threshold {
  return {
    metric,
    selector: {},
    expression: 'max==0',
    aggregate: 'max',
    comparison: '==',
    value: 0,
    timesBaseline: false,
    level: 'fail',
    abortOnFail: false,
    delayAbortEvalMs: 0,
    origin: 'user',
    source: null,
    ...rest,
  };
}

export const DEFAULTS: Threshold[] = [
  threshold('http_req_failed', { aggregate: 'rate', expression: 'rate==0', origin: 'default' }),
  threshold('conn_errors', { aggregate: 'count', expression: 'count==0', origin: 'default' }),
  threshold('outage', { origin: 'default' }),
  threshold('stall', { comparison: '<', value: 1000, expression: 'max<1000', origin: 'default' }),
  threshold('latency', {
    aggregate: { p: 99 },
    comparison: '<',
    value: 2,
    timesBaseline: true,
    expression: 'p(99)<2*baseline',
    origin: 'default',
  }),
  threshold('rollback_time', { comparison: '<', value: 300_000, expression: 'max<5m', origin: 'default' }),
];

export function headerOf(plan: RunPlan): RunHeader {
  const flows = plan.flows ?? [{ name: 'home', weight: 1 }];
  return {
    type: 'header',
    schema: 'zdd-verify/journal/v1',
    runId: 'test',
    tool: { version: '0.0.0' },
    startedAt: '2026-01-01T00:00:00.000Z',
    originNs: '0',
    scenario: { name: 'synthetic', sha256: '', file: null, runbook: null },
    target: { url: 'http://127.0.0.1:1', timeoutMs: plan.timeoutMs ?? 5000 },
    version: plan.version ?? { declared: true, changes: true },
    traffic: {
      ratePerSec: plan.ratePerSec ?? 50,
      streams: plan.streams ?? [{ name: '', rate: constantRate(plan.ratePerSec ?? 50) }],
      arrival: plan.arrival ?? 'even',
      threads: plan.threads ?? 1,
      flows: flows.map((flow) => ({ ...flow, method: 'GET', path: '/', target: '', stream: 0 })),
      keepaliveShare: 1,
      pool: 1,
      client: 'strict',
      maxInFlight: 1000,
    },
    steps: [],
    rollback: [],
    rehearsal: 'rollback',
    probes: plan.probes ?? [],
    watch: plan.watch ?? [],
    thresholds: plan.thresholds ?? DEFAULTS,
    environment: {},
    effective: null,
  };
}

/** One sample, as the sending thread would record it. */
export function sample(rest: Partial<Sample> & { seq: number; dueAt: number }): Sample {
  return {
    flow: 'home',
    connection: 'reused',
    connectionId: 1,
    reuse: 1,
    idleMs: 1,
    sentAt: rest.outcome?.kind === 'unsent' ? null : rest.dueAt,
    connectedAt: null,
    firstByteAt: null,
    endedAt: rest.dueAt + 1,
    outcome: OK,
    version: null,
    bytes: 0,
    cached: false,
    ...rest,
  };
}

export interface Recorded {
  header: RunHeader;
  events: RunEvent[];
  /** In order of their end. */
  samples: Sample[];
}

/** The record of a whole run: an even schedule over the phases, every arrival with the fate that `fate` gives it. */
export function record(plan: RunPlan): Recorded {
  const header = headerOf(plan);
  const phases = plan.phases ?? PHASES;
  const events: RunEvent[] = [];
  const spans: { name: string; role: StepRole; startAt: number; endAt: number }[] = [];
  let at = 0;
  for (const phase of phases) {
    const role = phase.role ?? 'release';
    spans.push({ name: phase.name, role, startAt: at, endAt: at + phase.ms });
    events.push(...phaseEvents(phase, at));
    at += phase.ms;
  }
  const everyMs = 1000 / header.traffic.ratePerSec;
  const due = Math.ceil(at / everyMs - 1e-9);
  const samples = arrivals(header, plan.fate ?? (() => ({})), spans, due, everyMs);
  const lastEnd = Math.max(at, ...samples.slice(-2000).map(({ endedAt }) => endedAt));
  events.push({ type: 'traffic-started', at: 0, firstDueAt: 0, ratePerSec: header.traffic.ratePerSec });
  if (plan.ended !== false) events.push({ type: 'traffic-ended', at: lastEnd, due, recorded: due });
  events.push(...(plan.events ?? []));
  if (plan.end !== null) {
    events.push({ type: 'end', at: lastEnd, release: 'completed', faults: [], servesNow: 'v1', ...plan.end });
  }
  return { header, events, samples };
}

/** Reads the whole journal, then the samples: as a replay from disk does. */
export function foldOf({ header, events, samples }: Recorded): Fold {
  const fold = createFold(header);
  for (const event of events) fold.event(event);
  for (const item of samples) fold.sample(item);
  return fold;
}

export function buildRun(plan: RunPlan = {}): Run {
  return foldOf(record(plan)).finish();
}

/** The version a good deploy serves: `v2` from the reload to the rollback. */
export function goodVersion(phase: string): string {
  return phase === 'reload' || phase === 'verify' ? 'v2' : 'v1';
}

function phaseEvents(phase: PhasePlan, at: number): RunEvent[] {
  const role = phase.role ?? 'release';
  const kind = phase.kind ?? 'custom';
  const events: RunEvent[] = [{ type: 'phase', at, name: phase.name, kind, role }];
  if (kind === 'warmup' || kind === 'baseline') return events;
  events.push({ type: 'command-started', at: at + 1, command: phase.name, pid: 1 });
  const exitCode = phase.exitCode ?? 0;
  events.push({ type: 'command-ended', at: at + phase.ms / 20, exitCode, signal: null, timedOut: false });
  if (phase.readyAfterMs !== undefined) {
    events.push({ type: 'readiness-started', at: at + phase.ms / 20, checks: ['/'], consecutive: 1, withinMs: 1 });
    const ready = phase.readyAfterMs !== null;
    events.push({ type: 'readiness-ended', at: at + (phase.readyAfterMs ?? phase.ms), ready, detail: '' });
  }
  events.push({
    type: 'step-ended',
    at: at + phase.ms,
    name: phase.name,
    outcome: phase.outcome ?? (exitCode === 0 ? 'ok' : 'failed'),
    detail: '',
  });
  return events;
}

function arrivals(
  header: RunHeader,
  fate: Fate,
  spans: { name: string; role: StepRole; startAt: number; endAt: number }[],
  due: number,
  everyMs: number,
): Sample[] {
  const samples: Sample[] = [];
  const pattern = header.traffic.flows.flatMap(({ name, weight }) => new Array<string>(weight).fill(name));
  for (let seq = 0; seq < due; seq++) {
    const dueAt = seq * everyMs;
    const span = spans.findLast(({ startAt }) => startAt <= dueAt + 1e-9) as (typeof spans)[number];
    const flow = pattern[seq % pattern.length] as string;
    const { outcome, latencyMs, lateMs, connection, idleMs, version, skip, cached } = fate({
      seq,
      dueAt,
      flow,
      phase: span.name,
      role: span.role,
    });
    if (skip === true) continue;
    const is = outcome ?? OK;
    samples.push(
      sample({
        seq,
        flow,
        dueAt,
        sentAt: is.kind === 'unsent' ? null : dueAt + (lateMs ?? 0),
        endedAt: dueAt + (latencyMs ?? 1),
        outcome: is,
        connection: connection ?? 'reused',
        idleMs: idleMs ?? 1,
        cached: cached ?? false,
        version: version === undefined ? (is.kind === 'ok' ? goodVersion(span.name) : null) : version,
      }),
    );
  }
  return samples.sort((a, b) => a.endedAt - b.endedAt || a.seq - b.seq);
}
