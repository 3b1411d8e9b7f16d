import type { FailureCause } from '../../model/outcome.js';
import type { StepKind, StepRole } from '../../model/phase.js';
import type { ProbeName } from '../../model/probe.js';
import { BUCKET_MS, type FailedRequest, type Phase, type Run } from '../../model/run.js';
import type { Evidence } from '../evidence.js';
import type { Measure } from '../measure.js';
import type { VersionChange } from '../version-change.js';
import { type BalancerView, balancerOf } from './balancer.js';
import type { Incident } from './incident.js';
import { appInstances, type InstancesView, instancesOf } from './instances.js';
import { type LocksSeen, locksSeen } from './locks-seen.js';
import { type ProcessesView, processesOf } from './processes.js';
import { bucketsOf, commonEndOf, hardMsOf, okShareOf } from './shape.js';
import { type System, systemsOf } from './systems.js';
import { waitAlone, writesFirst, writesLonger } from './waits.js';

/** What a cause is told by: an incident in the discriminators of the field. Shares are 0 to 1, times ms. */
export interface View {
  m: Measure;
  run: Run;
  incident: Incident;
  evidence: Evidence;
  change: VersionChange;
  /** Failed requests of the mix. */
  failed: number;
  phase: Phase;
  step: string;
  kind: StepKind | 'baseline' | 'warmup';
  role: StepRole;
  durationMs: number;
  /** From the step's begin to the first harm. */
  intoStepMs: number;
  /** The harm went on when the step, its hold included, was over. */
  outlastsStep: boolean;
  /** Whether requests succeeded again after it. */
  recovered: boolean;
  /** It ended only when the release was being undone. */
  untilUndone: boolean;
  /** Share of the failures with one of these causes. */
  share(...causes: FailureCause[]): number;
  /** Share of the failures with one of these status codes. */
  status(...codes: number[]): number;
  /** Share of gateway errors (502, 503, 504) without a version: an answer of a proxy. */
  gateway: number;
  /** Share of answers of 5xx that are none of a proxy. */
  appError: number;
  /** Share of whole answers that were not the expected ones: 4xx, or a body that no longer fits. */
  wrongAnswer: number;
  /** Lost without an answer. */
  lost: number;
  /** Failures on the first request of a connection, and on later ones. */
  fresh: number;
  reused: number;
  /** Share of reused connections among all requests of these steps. */
  reusedUsual: number;
  /** Failures of methods that may not be repeated, and their share among all requests. */
  unsafe: number;
  unsafeUsual: number;
  flowsHit: string[];
  /** Flows with requests in these steps of which none failed. */
  flowsSpared: string[];
  /** Share of requests that succeeded while the harm lasted; null where too few ended in that time. */
  okShare: number | null;
  /** Longest time in which nothing of the flows that were hit succeeded. */
  hardMs: number;
  /** Share of the failures that were lost without a byte of an answer, as soon as a kept connection was used again. */
  raced: number;
  /** Some failure had been under way for longer than that; null without any. */
  underWay: boolean | null;
  /** A probe lost a long request or an upload that was under way. */
  longLost: boolean;
  /** Idle connections of the traffic that were closed in the moment of the harm. */
  pooledClosed: number;
  /** Median of end - sent of the failures; null without any. */
  medianMs: number | null;
  /** Share of the failures that end within 60 ms of each other, and how far apart those were sent. */
  commonEnd: { share: number; sentSpreadMs: number };
  versionsBefore: string[];
  /** Versions whose answers failed. */
  versionsFailed: string[];
  /** Versions that answered well while the harm lasted. */
  versionsOk: string[];
  /** All failures came from versions that the baseline had not. */
  onlyNewVersion: boolean;
  /** Faults of a probe in the incident, of a kind where one is named; closes and disconnects half a second around it, too. */
  faults(probe: ProbeName, count?: string): number;
  /** Some flows waited, and others were answered meanwhile. */
  flowsWaitingAlone: boolean;
  /** The release changes the schema of a database. */
  hasMigrate: boolean;
  systems: ReadonlySet<System>;
  /** A proxy is in the way of the requests: whoever refuses a connection is the proxy. */
  behindProxy: boolean;
  /**
   * What is in the way passes connections on and opens none itself, as a Service of Kubernetes: who refuses one is an
   * instance, or there is none. Only where its pods are watched.
   */
  relayed: boolean;
  /** The new version had answered well before the harm began. */
  newServedBefore: boolean;
  /** Some request of the step was never answered, in this incident or a later one. */
  hangsInStep: boolean;
  /** How much earlier requests that write began to wait than requests that read, ms; null where only one kind did. */
  writesFirstMs: number | null;
  processes: ProcessesView;
  instances: InstancesView;
  balancer: BalancerView | null;
  locks: LocksSeen;
  /** Lines of watched logs that match, while the harm lasted and 2 s around it. */
  lines(pattern: RegExp): string[];
  /** Output of the step's commands that matches. */
  output(pattern: RegExp): string[];
}

const PROXIES: readonly System[] = ['nginx', 'haproxy', 'kubernetes'];
/** The new version counts as serving where it answered in this time before the harm. */
const BEFORE_MS = 5000;
const GATEWAY = [502, 503, 504];
const OUTLAST_MS = 200;
/** Who sends a request into a close learns it this soon. */
const RACED_MS = 20;
/** What is closed in one moment is closed within this time. */
const MOMENT_MS = 100;
const LINES_AROUND_MS = 2000;

export function viewOf(m: Measure, incident: Incident, evidence: Evidence, change: VersionChange): View {
  const { run } = m;
  const { failures } = incident;
  const phase = run.phases[incident.phase] as Phase;
  const share = (matches: (failure: FailedRequest) => boolean) =>
    failures.length === 0 ? 0 : failures.filter(matches).length / failures.length;
  const causeOf = ({ outcome }: FailedRequest) => ('cause' in outcome ? (outcome.cause as FailureCause) : null);
  const statusOf = ({ outcome }: FailedRequest) => ('status' in outcome ? outcome.status : null);
  const isWhole = (failure: FailedRequest) => ['unexpected-status', 'expectation'].includes(causeOf(failure) ?? '');
  const isGateway = (failure: FailedRequest) =>
    isWhole(failure) && failure.version === null && GATEWAY.includes(statusOf(failure) ?? 0);
  const is5xx = (failure: FailedRequest) => (statusOf(failure) ?? 0) >= 500;
  const touched = phasesWithin(run, incident);
  const cells = m.cells({ label: '', phases: touched });
  const sum = (matches: (cell: (typeof cells)[number]) => boolean) =>
    cells.filter(matches).reduce((total, { requests }) => total + requests, 0);
  const requests = sum(() => true);
  const methodOf = new Map(run.header.traffic.flows.map(({ name, method }) => [name, method]));
  const isUnsafe = (flow: string) => !['GET', 'HEAD', 'OPTIONS'].includes(methodOf.get(flow) ?? 'GET');
  const hit = new Set(failures.map(({ flow }) => flow));
  const flows = [...new Set(cells.filter((cell) => cell.requests >= 5).map(({ flow }) => flow))];
  const old = change.before;
  const systems = systemsOf(run);
  const instances = instancesOf(m, incident);
  const versionsFailed = unique(failures.flatMap(({ version }) => version ?? []));
  return {
    m,
    run,
    incident,
    evidence,
    change,
    failed: incident.failed,
    phase,
    step: phase.name,
    kind: phase.kind,
    role: phase.role,
    durationMs: incident.to - incident.from,
    intoStepMs: incident.from - phase.startAt,
    outlastsStep: incident.to > phase.endAt + OUTLAST_MS,
    recovered: run.buckets.some(
      (bucket) => bucket.at > incident.to && bucket.requests - bucket.failed - bucket.retryable > 0,
    ),
    untilUndone: phase.role === 'release' && touched.some((index) => run.phases[index]?.role === 'emergency'),
    share: (...causes) => share((failure) => causes.includes(causeOf(failure) as FailureCause)),
    status: (...codes) => share((failure) => isWhole(failure) && codes.includes(statusOf(failure) ?? 0)),
    gateway: share(isGateway),
    appError: share((failure) => isWhole(failure) && is5xx(failure) && !isGateway(failure)),
    wrongAnswer: share((failure) => isWhole(failure) && !is5xx(failure)),
    lost: share((failure) => !isWhole(failure)),
    fresh: failures.filter(({ connection }) => connection === 'fresh').length,
    reused: failures.filter(({ connection }) => connection === 'reused').length,
    reusedUsual: requests === 0 ? 0 : sum(({ connection }) => connection === 'reused') / requests,
    unsafe: failures.filter(({ flow }) => isUnsafe(flow)).length,
    unsafeUsual: requests === 0 ? 0 : sum(({ flow }) => isUnsafe(flow)) / requests,
    flowsHit: [...hit],
    flowsSpared: flows.filter((flow) => !hit.has(flow)),
    okShare: okShareOf(run, incident),
    hardMs: hardMsOf(run, incident),
    raced: share(isRaced),
    underWay: failures.length === 0 ? null : failures.some((failure) => underWayMs(failure) >= RACED_MS),
    longLost: incident.faults.some(({ probe }) => probe === 'inflight' || probe === 'upload'),
    pooledClosed: run.idleClosed.filter(({ at }) => at >= incident.from - MOMENT_MS && at <= incident.to + MOMENT_MS)
      .length,
    medianMs: median(failures.map(underWayMs)),
    commonEnd: commonEndOf(failures),
    versionsBefore: old,
    versionsFailed,
    versionsOk: unique(
      bucketsOf(run, incident).flatMap(({ byVersion }) =>
        Object.entries(byVersion).flatMap(([version, count]) => (version !== '' && count > 0 ? version : [])),
      ),
    ),
    onlyNewVersion:
      failures.length > 0 &&
      old.length > 0 &&
      failures.every(({ version }) => version !== null && !old.includes(version)),
    faults: (probe, count) => faultsNear(run, incident, probe, count),
    flowsWaitingAlone: waitAlone(run, incident),
    hasMigrate: run.phases.some(({ kind: each }) => each === 'migrate'),
    systems,
    behindProxy: PROXIES.some((proxy) => systems.has(proxy)),
    relayed:
      appInstances(m).length > 0 &&
      systems.has('kubernetes') &&
      !systems.has('nginx') &&
      !systems.has('haproxy') &&
      !failures.some(isGateway),
    newServedBefore: run.buckets.some(
      ({ at, byVersion }) =>
        at >= incident.from - BEFORE_MS &&
        at + BUCKET_MS <= incident.from &&
        Object.keys(byVersion).some((version) => version !== '' && !old.includes(version)),
    ),
    hangsInStep: run.failures.some((failure) => failure.phase === incident.phase && causeOf(failure) === 'timeout'),
    writesFirstMs: failures.length > 0 ? writesFirst(failures, isUnsafe) : writesLonger(cells, incident, isUnsafe),
    processes: processesOf(m, incident),
    instances,
    balancer: balancerOf(run, incident),
    locks: locksSeen(m, incident),
    lines: (pattern) => {
      const from = incident.from - LINES_AROUND_MS;
      const to = incident.to + LINES_AROUND_MS;
      return run.watchers.flatMap(({ lines }) =>
        lines.filter(({ at, text }) => at >= from && at <= to && pattern.test(text)).map(({ text }) => text),
      );
    },
    output: (pattern) =>
      run.output.flatMap(({ step, line }) => (step === phase.name && pattern.test(line) ? line : [])),
  };
}

/** Lost on a kept connection at once, before a byte of an answer: sent as the connection was being closed. */
export function isRaced(failure: FailedRequest): boolean {
  const { outcome, connection, firstByteAt } = failure;
  const isLost = 'cause' in outcome && (outcome.cause === 'reset' || outcome.cause === 'closed');
  return isLost && connection === 'reused' && firstByteAt === null && underWayMs(failure) < RACED_MS;
}

function underWayMs({ sentAt, dueAt, endedAt }: FailedRequest): number {
  return endedAt - (sentAt ?? dueAt);
}

/** Indices of the phases that an incident reaches into. */
function phasesWithin(run: Run, { from, to, phase }: Incident): number[] {
  return run.phases.flatMap(({ startAt, endAt }, index) =>
    index === phase || (index > phase && startAt <= to && endAt > from) ? index : [],
  );
}

const AROUND_MS = 500;

/** Faults that harm nobody by themselves, and tell of what else happened. */
const BY_TIME: Partial<Record<ProbeName, string>> = {
  idle: 'closedUnannounced',
  websocket: 'disconnects',
  sse: 'disconnects',
};

/** Those of the incident, and by their time those that are in no incident. */
function faultsNear(run: Run, incident: Incident, probe: ProbeName, count?: string): number {
  const isMeant = (fault: { count: string }) => count === undefined || fault.count === count;
  const own = incident.faults.filter((fault) => fault.probe === probe && isMeant(fault)).length;
  const near = (run.probes.find((each) => each.probe === probe)?.faults ?? []).filter(
    (fault) =>
      fault.count === BY_TIME[probe] &&
      isMeant(fault) &&
      fault.at >= incident.from - AROUND_MS &&
      fault.at <= incident.to + AROUND_MS &&
      !incident.faults.some(({ at, count: kind }) => at === fault.at && kind === fault.count),
  ).length;
  return own + near;
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
