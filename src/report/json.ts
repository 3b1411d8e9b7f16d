import type { Comparison } from '../model/comparison.js';
import type { ShardHeader } from '../model/event.js';
import { FAILURE_CAUSES, UNSENT_CAUSES } from '../model/outcome.js';
import type { MachineWatch, Run, Tally } from '../model/run.js';
import type { Bound, Finding, Judgement } from '../model/verdict.js';
import { adviceJson } from './advice-json.js';
import { detectabilityJson } from './detectability-values.js';
import { boundOfPhase } from './judged.js';
import { latencyIntervalsJson } from './latency-intervals-values.js';
import { blockedMsOf, locksJson } from './locks-json.js';
import { checksJson, tracesJson } from './migrations-json.js';
import type { Output } from './output.js';
import { probesJson } from './probes-json.js';
import { reconciliationJson } from './reconciliation-json.js';
import { type PhaseSummary, round, type Summary, summarize } from './summary.js';
import { deployedTime } from './surroundings.js';
import { versionTimelineJson } from './version-timeline-json.js';
import { watchJson } from './watch-json.js';

/** `run.json`: the contract with other programs. */
export const json: Output = {
  name: 'json',
  file: 'run.json',
  render: (run, judgement, { artifacts, comparison }) =>
    `${JSON.stringify(runJson(run, judgement, artifacts, comparison), null, 2)}\n`,
};

/** The shape of `zdd-verify/run/v1`. What was not measured is null or empty, never zero. */
export function runJson(
  run: Run,
  judgement: Judgement,
  artifacts: Record<string, string> = {},
  comparison: Comparison | null = null,
) {
  const summary = summarize(run);
  const { header } = run;
  return {
    schema: 'zdd-verify/run/v1',
    tool: { ...header.tool },
    runId: header.runId,
    scenario: {
      name: header.scenario.name,
      sha256: header.scenario.sha256,
      runbook: header.scenario.runbook,
    },
    target: { url: header.target.url, timeoutMs: header.target.timeoutMs },
    startedAt: header.startedAt,
    durationMs: round(run.durationMs),
    cut: run.cut,
    verdict: judgement.verdict,
    release: judgement.release,
    gate: judgement.gate,
    exitCode: judgement.exitCode,
    headline: judgement.headline,
    reasons: judgement.reasons,
    servesNow: judgement.servesNow,
    changeVerified: judgement.changeVerified,
    blastRadius: blastRadiusOf(judgement),
    bound: {
      ...boundOf(judgement.bound),
      detectability: detectabilityJson(judgement.detectability),
      streams: judgement.bound.streams.map((stream) => ({ name: stream.name, ...boundOf(stream) })),
      phases: judgement.bound.phases.map((phase) => ({ name: phase.name, ...boundOf(phase) })),
    },
    totals: totalsOf(summary),
    traffic: trafficOf(run),
    latency: summary.latency,
    latencyOk: summary.latencyOk,
    latencyIntervals: latencyIntervalsJson(judgement.latencyIntervals),
    warmup: { ...run.warmup },
    phases: summary.phases.map((phase) => ({
      ...phaseOf(phase, boundOfPhase(judgement, summary, phase)),
      blockedMs: blockedMsOf(judgement, phase.index),
    })),
    outages: run.outages.map((outage) => outageOf(outage, run)),
    stalls: run.stalls.map((stall) => stallOf(stall, run)),
    versions: run.versions.map((span) => ({
      version: span.version,
      firstMs: round(span.firstAt),
      lastMs: round(span.lastAt),
      requests: span.requests,
      failed: span.failed,
    })),
    versionOverlapMs: round(run.versionOverlapMs),
    probes: probesJson(run),
    watch: watchJson(run),
    reconciliation: reconciliationJson(run, judgement.reconciliation),
    advice: adviceJson(judgement.advice),
    thresholds: judgement.thresholds.map((threshold) => ({
      metric: threshold.metric,
      name: threshold.name,
      expression: threshold.expression,
      level: threshold.level,
      origin: threshold.origin,
      actual: threshold.actual === null ? null : round6(threshold.actual),
      limit: threshold.limit,
      ok: threshold.ok,
      phase: threshold.phase,
      note: threshold.note,
      source: threshold.source,
    })),
    cause: judgement.cause === null ? null : findingOf(judgement.cause),
    findings: judgement.findings.map(findingOf),
    oldChecks: judgement.oldChecks,
    versionTimeline: versionTimelineJson(judgement.versionTimeline),
    generator: generatorOf(run, judgement),
    rollbacks: run.rollbacks.map(({ phase, role, ms }) => ({ phase: nameOf(run, phase), role, ms })),
    migration: { check: checksJson(run), trace: tracesJson(run), ...locksJson(run, judgement) },
    decisions: run.decisions.map(({ at, cause, action, detail }) => ({ atMs: round(at), cause, action, detail })),
    notes: run.notes.map(({ at, text }) => ({ atMs: round(at), text })),
    hosts: hostsOf(run),
    require: run.requirements.map(({ at, what, ok, detail, ms }) => ({
      atMs: round(at),
      what,
      ok,
      detail,
      ms: round(ms),
    })),
    hooks: run.hooks.map(({ at, event, command, exitCode, ms, problem }) => {
      return { atMs: round(at), event, command, exitCode, ms: round(ms), problem };
    }),
    // Only where it was asked for: a run judged again without its base has none.
    ...(comparison === null ? {} : { comparison }),
    environment: { ...header.environment, release: releaseInfoOf(run, judgement) },
    artifacts,
  };
}

function blastRadiusOf({ blastRadius }: Judgement) {
  if (blastRadius === null) return null;
  const { share, failedShare, ms } = blastRadius;
  return { ...blastRadius, share: round6(share), failedShare: round6(failedShare), ms: round(ms) };
}

/** What is released, and when it was there: by the run's time and by the clock. */
function releaseInfoOf(run: Run, judgement: Judgement) {
  const { name = null, git = null, gitFrom = null, url = null } = run.header.release ?? {};
  const { deployedAt } = judgement;
  const deployedAtMs = deployedAt === null ? null : round(deployedAt);
  return { name, git, gitFrom, url, deployedAtMs, deployedAt: deployedTime(run, judgement) };
}

/** Hosts that were not reached have no clock. */
function hostsOf({ header, hosts }: Run) {
  return (header.hosts ?? []).map(({ name, destination }) => {
    const clock = hosts.find((each) => each.name === name);
    return {
      name,
      destination,
      clockOffsetMs: clock?.offsetMs ?? null,
      clockUncertaintyMs: clock?.uncertaintyMs ?? null,
    };
  });
}

/** What came of a hold that waited for requests. */
function windowOf({ window }: PhaseSummary['phase']) {
  if (window === null) return null;
  const { wanted, requests, version, flow, forMs } = window;
  return { wanted, requests, version, flow, forMs: round(forMs), reached: requests >= wanted };
}

function boundOf({ requests, failures, failureRateUpper95, shortestDetectableOutageMs }: Bound): Bound {
  return { requests, failures, failureRateUpper95, shortestDetectableOutageMs: round(shortestDetectableOutageMs) };
}

function totalsOf({ totals, byConnection }: Summary) {
  const { fresh, reused } = byConnection;
  return {
    requests: totals.requests,
    ok: totals.ok,
    failed: totals.failed,
    retryable: totals.retryable,
    blocked: totals.blocked,
    cached: totals.cached,
    unsent: totals.unsent,
    unsentBy: counts(UNSENT_CAUSES, totals.unsentBy),
    byStatus: totals.byStatus,
    byError: counts(FAILURE_CAUSES, totals.byError),
    byConnection: {
      fresh: { requests: fresh.requests, failed: fresh.failed },
      reused: { requests: reused.requests, failed: reused.failed },
    },
  };
}

/** What was planned: the arrival streams, and which flow belongs to which and goes where. */
function trafficOf({ header: { traffic } }: Run) {
  return {
    ratePerSec: traffic.ratePerSec,
    arrival: traffic.arrival,
    streams: traffic.streams.map(({ name, rate }) => ({
      name,
      // From the schedule's start; null for the last piece, which has no end.
      rate: rate.map(({ at, fromPerSec, toPerSec, forMs }) => ({ afterMs: at, forMs, fromPerSec, toPerSec })),
    })),
    flows: traffic.flows.map(({ name, method, path, weight, target, stream }) => ({
      name,
      method,
      path,
      weight,
      target,
      stream: traffic.streams[stream]?.name ?? '',
    })),
  };
}

/** Zeros are true here: every one of these causes is looked for on every request. */
function counts<K extends string>(keys: readonly K[], found: Partial<Record<K, number>>): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, found[key] ?? 0])) as Record<K, number>;
}

function phaseOf({ phase, tally, latency, latencyOk, largestSendGapMs }: PhaseSummary, bound: Bound | null) {
  return {
    name: phase.name,
    kind: phase.kind,
    role: phase.role,
    startMs: round(phase.startAt),
    endMs: round(phase.endAt),
    commandMs: phase.commandMs === null ? null : round(phase.commandMs),
    readyMs: phase.readyMs === null ? null : round(phase.readyMs),
    window: windowOf(phase),
    exitCode: phase.exitCode,
    signal: phase.signal,
    timedOut: phase.timedOut,
    outcome: phase.outcome,
    detail: phase.detail,
    judged: phase.judged,
    due: phase.due,
    requests: tally.requests,
    ok: tally.ok,
    failed: tally.failed,
    retryable: tally.retryable,
    blocked: tally.blocked,
    cached: tally.cached,
    unsent: tally.unsent,
    byStatus: tally.byStatus,
    byError: partial(tally),
    latency,
    latencyOk,
    largestSendGapMs,
    bound: bound === null ? null : boundOf(bound),
  };
}

function partial({ byError }: Tally) {
  return counts(FAILURE_CAUSES, byError);
}

function outageOf(outage: Run['outages'][number], run: Run) {
  return {
    startMs: round(outage.startAt),
    endMs: round(outage.endAt),
    durationMs: round(outage.durationMs),
    recovered: outage.recovered,
    kind: outage.kind,
    phase: nameOf(run, outage.phase),
    streams: outage.streams,
    failed: outage.failed,
    byError: outage.byError,
    byStatus: outage.byStatus,
  };
}

function stallOf(stall: Run['stalls'][number], run: Run) {
  return {
    startMs: round(stall.startAt),
    endMs: round(stall.endAt),
    durationMs: round(stall.durationMs),
    harnessMs: round(stall.harnessMs),
    recovered: stall.recovered,
    phase: nameOf(run, stall.phase),
    streams: stall.streams,
  };
}

function nameOf(run: Run, index: number): string {
  return run.phases[index]?.name ?? '';
}

function generatorOf({ header, generator, recordFaults, end }: Run, judgement: Judgement) {
  return {
    targetRate: generator.targetRate,
    achievedRate: round(generator.achievedRate),
    due: generator.due,
    latenessMs: rounded(generator.latenessMs),
    largestSendGapMs: round(generator.largestSendGapMs),
    eventLoopDelayMs: rounded(generator.eventLoopDelayMs),
    peakInFlight: generator.peakInFlight,
    pauses: generator.pauses.map(({ from, to }) => ({ startMs: round(from), endMs: round(to) })),
    cpu: round(generator.cpu),
    threads: header.traffic.threads,
    // Where several processes sent: what each had of the schedule, and how its clock stood to the conductor's.
    ...(header.shards === undefined ? {} : { shards: header.shards.map(shardOf) }),
    gcMs: rounded(generator.gcMs),
    machine: machineOf(generator.machine),
    healthy: judgement.healthy,
    reasons: judgement.harnessReasons,
    faults: [...(end?.faults ?? []), ...recordFaults],
  };
}

function shardOf({ number, host, due, clockErrorMs, driftMs, problems }: ShardHeader) {
  const ms = (value: number | null) => (value === null ? null : round(value));
  return { number, host, due, clockErrorMs: ms(clockErrorMs), driftMs: ms(driftMs), problems };
}

/** Nulls are what the system does not say. */
function machineOf({ stealMax, throttledMs, cpuPressureMax, descriptors, ports, dns }: MachineWatch) {
  return {
    stealMax,
    throttledMs: throttledMs === null ? null : round(throttledMs),
    cpuPressureMax,
    descriptors,
    ports,
    dns: dns === null ? null : { ...dns, maxMs: round(dns.maxMs) },
  };
}

function rounded<T extends Record<string, number>>(values: T): T {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, round(value)])) as T;
}

/** Rates need more digits than times. */
function round6(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(9));
}

function findingOf({ rule, severity, phase, claim, evidence, remedy, ...cause }: Finding) {
  const { mode = null, confidence, runnerUp = null } = cause;
  return {
    rule,
    severity,
    phase,
    claim,
    evidence,
    remedy,
    ...(confidence === undefined ? {} : { mode, confidence, runnerUp }),
  };
}
