import { build } from 'hdr-histogram-js';
import type { FailureCause, Outcome } from '../../src/model/outcome.js';
import type { OverTime } from '../../src/model/over-time.js';
import { constantRate } from '../../src/model/rate.js';
import type { Bucket, Cell, FailedRequest, Outage, Phase, Run, Stall } from '../../src/model/run.js';
import type { Sample } from '../../src/model/sample.js';
import { emptyTally } from '../../src/model/tally.js';
import type { Judgement } from '../../src/model/verdict.js';
import { attributed } from '../../src/record/fold/attribution.js';
import { createOverTimeLog } from '../../src/record/fold/over-time.js';

/** A fault of the made-up app: what requests due in the window meet, for a share of them. */
export interface Fault {
  from: number;
  to: number;
  outcome: Outcome;
  share?: number;
  tookMs?: number;
  cached?: boolean;
}

export interface Plan {
  phases: (Partial<Phase> & Pick<Phase, 'name' | 'startAt' | 'endAt'>)[];
  ratePerSec?: number;
  faults?: Fault[];
  outages?: Partial<Outage>[];
  stalls?: Partial<Stall>[];
  versionAt?: (at: number) => string | null;
  latencyAt?: (at: number, random: number) => number;
  change?: Partial<Run>;
  header?: Partial<Run['header']>;
}

const FLOWS = [
  { name: 'home', method: 'GET', path: '/', weight: 60, target: '', stream: 0 },
  { name: 'items', method: 'GET', path: '/api/items', weight: 30, target: '', stream: 0 },
  { name: 'checkout', method: 'POST', path: '/api/checkout', weight: 10, target: '', stream: 0 },
];

/** A Run made by hand: an even schedule, reproducible latencies, faults where the plan says, folded on the way. */
export function buildRun(plan: Plan): Run {
  const phases = plan.phases.map(phaseOf);
  const durationMs = Math.max(...phases.map(({ endAt }) => endAt));
  const run: Run = { ...emptyRun(phases, durationMs), ...plan.change };
  run.header = { ...run.header, ...plan.header };
  const from = phases.find(({ judged }) => judged)?.startAt ?? 0;
  const rate = plan.ratePerSec ?? 200;
  const fold = folder(run);
  for (let seq = 0; seq < ((durationMs - from) / 1000) * rate; seq++)
    fold(sampleOf(seq, from + (seq * 1000) / rate, plan));
  run.buckets = fold.buckets();
  run.overTime = fold.overTime();
  run.failures = run.failures.slice(0, 2000);
  run.outages = (plan.outages ?? []).map((outage) => outageOf(run, outage));
  run.stalls = (plan.stalls ?? []).map((stall) => ({ ...NO_STALL, ...stall }));
  run.generator.targetRate = rate;
  run.generator.achievedRate = rate;
  run.header.traffic.ratePerSec = rate;
  return { ...run, ...plan.change };
}

/** A judgement to be changed where a test cares. */
export function judgementOf(run: Run, change: Partial<Judgement> = {}): Judgement {
  const requests = run.cells.reduce((sum, cell) => sum + cell.requests, 0);
  const failures = run.cells.reduce((sum, cell) => sum + cell.failed, 0);
  const bound = { requests, failures, failureRateUpper95: 3 / Math.max(1, requests), shortestDetectableOutageMs: 52.4 };
  return {
    verdict: 'zero-downtime',
    release: 'completed',
    gate: 'pass',
    exitCode: 0,
    reasons: [],
    headline: 'No request of any flow failed or waited.',
    bound: {
      ...bound,
      streams: run.header.traffic.flows.map(({ name }) => ({ name, ...bound })),
      phases: run.phases.filter(({ judged }) => judged).map(({ name }) => ({ name, ...bound })),
    },
    thresholds: [],
    findings: [],
    healthy: true,
    harnessReasons: [],
    servesNow: 'v1',
    changeVerified: true,
    cause: null,
    detectability: { arrival: 'even', rows: [] },
    latencyIntervals: {
      quantile: 0.99,
      confidence: 0.95,
      baseline: { samples: 0, estimate: null, lower: null, upper: null },
      rows: [],
    },
    reconciliation: [],
    locks: null,
    advice: {
      times: {
        boot: null,
        longestRequest: null,
        oldAnswers: null,
        oldProcesses: null,
        idleAtReset: null,
        ownIdleTimeout: null,
        migrationStall: null,
      },
      advice: [],
    },
    oldChecks: [],
    versionTimeline: null,
    blastRadius: null,
    deployedAt: null,
    ...change,
  };
}

function phaseOf(phase: Plan['phases'][number]): Phase {
  return {
    kind: 'custom',
    role: 'release',
    command: null,
    commandMs: null,
    readyMs: null,
    readyAt: null,
    holdAt: null,
    window: null,
    exitCode: null,
    signal: null,
    timedOut: false,
    outcome: 'ok',
    detail: '',
    judged: true,
    due: 100,
    sampled: 100,
    ...phase,
  };
}

function emptyRun(phases: Phase[], durationMs: number): Run {
  return {
    header: {
      type: 'header',
      schema: 'zdd-verify/journal/v1',
      runId: '20250102-030405-shop-4f1c',
      tool: { version: '0.1.0' },
      startedAt: '2025-01-02T03:04:05.000Z',
      originNs: '0',
      scenario: {
        name: 'gunicorn-nginx-symlink',
        sha256: '9f'.repeat(32),
        file: 'zdd/scenario.yaml',
        runbook: 'https://wiki.example/rollback',
      },
      target: { url: 'http://127.0.0.1:8080', timeoutMs: 5000 },
      version: { declared: true, changes: true },
      traffic: {
        ratePerSec: 200,
        streams: [{ name: '', rate: constantRate(200) }],
        arrival: 'even',
        threads: 1,
        flows: FLOWS,
        keepaliveShare: 0.8,
        pool: 20,
        client: 'strict',
        maxInFlight: 1000,
      },
      steps: phases
        .filter(({ role, kind }) => role === 'release' && kind !== 'baseline' && kind !== 'warmup')
        .map(({ name, kind }) => ({ name, kind: kind as 'custom' })),
      rollback: phases.filter(({ role }) => role === 'rehearsal').map(({ name }) => ({ name })),
      rehearsal: 'rollback',
      probes: [],
      watch: [],
      thresholds: [],
      environment: { node: 'v22.1.0', platform: 'linux', cpus: 8, ci: true, hostname: null },
      effective: {
        version: 1,
        name: 'gunicorn-nginx-symlink',
        target: { url: 'http://127.0.0.1:8080', headers: { Authorization: '[redacted]' } },
      },
    },
    cut: false,
    durationMs,
    phases,
    cells: [],
    warmup: { requests: 400, failed: 0, unsent: 0 },
    probes: [],
    watchers: [],
    hosts: [],
    requirements: [],
    migrations: [],
    hooks: [],
    outages: [],
    stalls: [],
    baselineStallMs: { home: 60, items: 60, checkout: 120 },
    sendGaps: phases.map((_, phase) => ({ phase, flow: null, maxMs: 6.1 })),
    versions: [],
    versionOverlapMs: 0,
    buckets: [],
    overTime: createOverTimeLog([], 1).overTime(),
    getSlots: [],
    dueLatencies: null,
    failures: [],
    borneIdleMs: {},
    idleClosed: [],
    output: [],
    outputDropped: 0,
    decisions: [],
    notes: [],
    rollbacks: [],
    generator: {
      targetRate: 200,
      achievedRate: 200,
      due: 0,
      dueByThread: null,
      latenessMs: { p50: 0.2, p99: 1.1, max: 6.2 },
      largestSendGapMs: 11.2,
      eventLoopDelayMs: { p99: 1.4, max: 8.8 },
      pauses: [],
      senders: [{ pauses: [], unlistedMs: 0 }],
      probePauses: [],
      peakInFlight: 41,
      cpu: 0.21,
      gcMs: { max: 1.9, total: 84 },
      machine: {
        stealMax: 0.004,
        stolen: [],
        throttledMs: 0,
        cpuPressureMax: 0.02,
        descriptors: { peak: 96, limit: 65_536 },
        ports: { peak: 812, available: 28_232 },
        dns: null,
      },
    },
    end: { type: 'end', at: durationMs, release: 'completed', faults: [], servesNow: 'v1' },
    recordFaults: [],
  };
}

/** Numbers in [0, 1) that are the same in every run. */
function randomOf(seq: number): number {
  let x = (seq + 1) * 2654435761;
  x ^= x >>> 15;
  x = Math.imul(x, 2246822519);
  x ^= x >>> 13;
  return (x >>> 0) / 4294967296;
}

function sampleOf(seq: number, dueAt: number, { faults = [], versionAt = () => 'v1', latencyAt }: Plan): Sample {
  const random = randomOf(seq);
  const fault = faults.find(({ from, to, share = 1 }) => dueAt >= from && dueAt < to && randomOf(seq + 7e6) < share);
  const tookMs = fault?.tookMs ?? latencyAt?.(dueAt, random) ?? 4 + 3 * random + 30 * random ** 40;
  const flow = FLOWS[seq % 10 < 6 ? 0 : seq % 10 < 9 ? 1 : 2]?.name as string;
  const fresh = seq % 5 === 0;
  return {
    seq,
    flow,
    connection: fresh ? 'fresh' : 'reused',
    connectionId: seq,
    reuse: fresh ? 0 : 17,
    idleMs: fresh ? 0 : 81,
    dueAt,
    sentAt: fault?.outcome.kind === 'unsent' ? null : dueAt + 0.2,
    connectedAt: null,
    firstByteAt: null,
    endedAt: dueAt + tookMs,
    outcome: fault?.outcome ?? { kind: 'ok', status: 200 },
    version: fault && fault.outcome.kind !== 'wrong' && fault.outcome.kind !== 'ok' ? null : versionAt(dueAt + tookMs),
    bytes: 812,
    cached: fault?.cached === true,
  };
}

function folder(run: Run) {
  const cells = new Map<string, Cell>();
  const buckets = new Map<number, Bucket>();
  const latencies = new Map<number, number[]>();
  const judged: FailedRequest[] = [];
  const add = (sample: Sample) => {
    const phase = run.phases.findIndex(({ startAt, endAt }) => sample.endedAt >= startAt && sample.endedAt < endAt);
    const index = phase === -1 ? run.phases.length - 1 : phase;
    count(cellOf(run, cells, index, sample), bucketOf(buckets, sample.endedAt), sample);
    judged.push({ ...sample, phase: index });
    const took = latencyOf(sample);
    const at = Math.floor(sample.endedAt / 100) * 100;
    if (sample.outcome.kind !== 'unsent') latencies.set(at, [...(latencies.get(at) ?? []), took]);
    const { kind } = sample.outcome;
    if (kind === 'lost' || kind === 'wrong') run.failures.push({ ...sample, phase: index });
    run.generator.due += 1;
    if (sample.version !== null) span(run, sample);
  };
  add.buckets = () =>
    [...buckets.values()]
      .sort((a, b) => a.at - b.at)
      .map((bucket) => {
        const took = (latencies.get(bucket.at) ?? []).sort((a, b) => a - b);
        const at = (q: number) => took[Math.min(took.length - 1, Math.floor(q * took.length))] ?? null;
        return { ...bucket, minMs: at(0), p50Ms: at(0.5), p99Ms: at(0.99), maxMs: took.at(-1) ?? null };
      });
  add.overTime = () => overTimeOf(run, judged);
  return add;
}

/** By the fold's own log, which takes samples in the order of their end. */
function overTimeOf({ header }: Run, judged: readonly FailedRequest[]): OverTime {
  const flows = header.traffic.flows.map(({ name }) => name);
  const log = createOverTimeLog(flows, 5000);
  for (const { phase, ...sample } of judged.toSorted((a, b) => a.endedAt - b.endedAt)) {
    log.sample(attributed(sample, flows.indexOf(sample.flow), phase, sample.endedAt));
  }
  return log.overTime();
}

/** Failures count as the timeout of the target (5 s). */
function latencyOf({ outcome, dueAt, endedAt }: Sample): number {
  return Math.max(outcome.kind === 'lost' || outcome.kind === 'wrong' ? 5000 : 0, endedAt - dueAt);
}

function count(cell: Cell, bucket: Bucket, sample: Sample): void {
  const { outcome, version } = sample;
  if (outcome.kind === 'unsent') {
    cell.unsent++;
    cell.unsentBy[outcome.cause] = (cell.unsentBy[outcome.cause] ?? 0) + 1;
    bucket.unsent++;
    return;
  }
  cell.requests++;
  bucket.requests++;
  if (sample.cached) cell.cached++;
  const micros = Math.round(latencyOf(sample) * 1000);
  if (outcome.kind !== 'blocked') {
    cell.sinceDue.recordValue(micros);
    cell.sinceSent.recordValue(micros);
  }
  if (outcome.status !== null) cell.byStatus[outcome.status] = (cell.byStatus[outcome.status] ?? 0) + 1;
  if (version !== null) bucket.byVersion[version] = (bucket.byVersion[version] ?? 0) + 1;
  if (outcome.kind === 'ok') {
    cell.ok++;
    cell.sinceDueOk.recordValue(micros);
  } else if (outcome.kind === 'retryable') {
    cell.retryable++;
    bucket.retryable++;
  } else if (outcome.kind === 'blocked') {
    cell.blocked++;
  } else {
    cell.failed++;
    bucket.failed++;
    cell.byError[outcome.cause] = (cell.byError[outcome.cause] ?? 0) + 1;
    bucket.byError[outcome.cause] = (bucket.byError[outcome.cause] ?? 0) + 1;
  }
}

function cellOf(run: Run, cells: Map<string, Cell>, phase: number, { flow, connection, version }: Sample): Cell {
  const key = [phase, flow, connection, version].join();
  const known = cells.get(key);
  if (known) return known;
  const cell: Cell = {
    phase,
    flow,
    connection,
    version,
    ...emptyTally(),
    sinceDue: build(),
    sinceDueOk: build(),
    sinceSent: build(),
    maxBySecond: new Map(),
  };
  cells.set(key, cell);
  run.cells.push(cell);
  return cell;
}

function bucketOf(buckets: Map<number, Bucket>, endedAt: number): Bucket {
  const at = Math.floor(endedAt / 100) * 100;
  const bucket = buckets.get(at) ?? {
    at,
    ...{ requests: 0, failed: 0, retryable: 0, unsent: 0, byError: {}, byVersion: {} },
    ...{ minMs: null, p50Ms: null, p99Ms: null, maxMs: null },
  };
  buckets.set(at, bucket);
  return bucket;
}

function span(run: Run, { version, endedAt, outcome }: Sample): void {
  if (version === null) return;
  let found = run.versions.find((entry) => entry.version === version);
  if (found === undefined) {
    found = { version, firstAt: endedAt, lastAt: endedAt, requests: 0, failed: 0 };
    run.versions.push(found);
  }
  found.lastAt = Math.max(found.lastAt, endedAt);
  found.requests++;
  if (outcome.kind === 'wrong') found.failed++;
}

function outageOf(run: Run, outage: Partial<Outage>): Outage {
  const within = run.failures.filter(
    ({ endedAt }) => endedAt >= (outage.startAt ?? 0) && endedAt <= (outage.endAt ?? 0),
  );
  const byError: Partial<Record<FailureCause, number>> = {};
  for (const { outcome } of within) {
    const cause = (outcome as { cause: FailureCause }).cause;
    byError[cause] = (byError[cause] ?? 0) + 1;
  }
  return {
    startAt: 0,
    endAt: 0,
    durationMs: (outage.endAt ?? 0) - (outage.startAt ?? 0),
    recovered: true,
    kind: 'hard',
    phase: 0,
    streams: ['home', 'items', 'checkout'],
    failed: within.length,
    byError,
    byStatus: {},
    first: within[0] as FailedRequest,
    last: within.at(-1) as FailedRequest,
    ...outage,
  };
}

const NO_STALL: Stall = { startAt: 0, endAt: 0, durationMs: 0, harnessMs: 0, recovered: true, phase: 0, streams: [] };
