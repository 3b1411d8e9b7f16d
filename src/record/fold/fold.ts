import type { DecisionEvent, EndEvent, RunEvent, RunHeader } from '../../model/event.js';
import type { Phase, Run } from '../../model/run.js';
import type { Sample } from '../../model/sample.js';
import { senderOf, sendersOf } from '../../model/senders.js';
import { formatCount } from '../../model/units.js';
import { createArrivalLog } from './arrivals.js';
import { type Attributed, attribute, attributed, WARMUP } from './attribution.js';
import { createBucketLog } from './buckets.js';
import { type AsleepMs, createCellLog } from './cells.js';
import { contradictions } from './conservation.js';
import { createDueLatencyLog } from './due-latencies.js';
import { createFailureLog } from './failures.js';
import { createGeneratorLog } from './generator.js';
import { createGetSlotLog } from './get-slots.js';
import { createIdleLog } from './idle-times.js';
import { createMachineLog } from './machine.js';
import { createOrdering } from './order.js';
import { createOutageLog } from './outages.js';
import { createOutputLog } from './output.js';
import { createOverTimeLog } from './over-time.js';
import { createPhaseLog, isAboutPhases } from './phases.js';
import { createProbeLog, isAboutProbes } from './probes.js';
import { createSendGapLog } from './send-gaps.js';
import { createSendOrder } from './sends.js';
import { createStallLog } from './stalls.js';
import { createSurroundingsLog, isAboutSurroundings } from './surroundings.js';
import { createVersionLog } from './versions.js';
import { createWatchLog } from './watch.js';

/** Events of one kind that are listed at most. */
const EVENTS_KEPT = 10_000;
/** Versions that are told apart: a pattern that matches more than a version (a time) must not fill the memory. */
const VERSIONS_KEPT = 100;
const OTHER_VERSION = '(others)';
/** Nothing happens for this long in no run, ms: a sample that ends later than that has a damaged time. */
const SILENCE_MS = 3_600_000;

export interface Fold {
  event(e: RunEvent): void;
  sample(sample: Sample): void;
  /**
   * The run so far, but for samples of the last half second. It shares its counts and histograms with the fold: look at it
   * before the next sample.
   */
  snapshot(): Run;
  /** The run, once everything was handed in; without an `end` event it was cut. */
  finish(): Run;
}

/**
 * Folds a record into a Run, in memory that does not grow with the number of samples. Samples come in order of their
 * end (500 ms of disorder are put right), each after the phase it ended in. The same record gives the same Run.
 */
export function createFold(header: RunHeader): Fold {
  const flows = header.traffic.flows.map(({ name }) => name);
  const flowNumbers = new Map(flows.map((name, index) => [name, index]));
  const { timeoutMs } = header.target;
  const phaseLog = createPhaseLog();
  const outageLog = createOutageLog();
  const versionLog = createVersionLog();
  const bucketLog = createBucketLog(timeoutMs);
  const overTimeLog = createOverTimeLog(flows, timeoutMs);
  const getSlotLog = createGetSlotLog(header.traffic.flows, phaseLog);
  const failureLog = createFailureLog();
  const outputLog = createOutputLog();
  const gapLog = createSendGapLog(phaseLog);
  // Records of versions that could not watch have no such list.
  const watchLog = createWatchLog(header.watch ?? [], phaseLog);
  const watchesLocks = (header.watch ?? []).some(({ kind }) => kind === 'postgres');
  const dueLatencyLog = watchesLocks ? createDueLatencyLog(timeoutMs) : null;
  const surroundingsLog = createSurroundingsLog();
  const arrivalLog = createArrivalLog(header.traffic);
  const senders = sendersOf(header);
  const stallLog = createStallLog(phaseLog, flows, header.thresholds, senders);
  const machineLog = createMachineLog(phaseLog.judgedFrom, header.shards?.length ?? 1);
  const generatorLog = createGeneratorLog(phaseLog, senders);
  const probeLog = createProbeLog(header.probes, phaseLog, generatorLog.probesAsleepMs);
  const asleepMs: AsleepMs = (seq, from, to) => generatorLog.asleepMs(senderOf(seq, senders), from, to);
  const cellLog = createCellLog(timeoutMs, asleepMs);
  const idleLog = createIdleLog(header.traffic.flows, asleepMs);

  const random = header.traffic.arrival === 'poisson';
  const warmup = { requests: 0, failed: 0, unsent: 0 };
  const idleClosed: Run['idleClosed'] = [];
  const decisions: DecisionEvent[] = [];
  const notes: Run['notes'] = [];
  const sampled: number[] = [];
  const versions = new Set<string>();
  let unintelligible = 0;
  let lastSampleAt = 0;
  let lastAt = 0;
  let end: EndEvent | null = null;

  const sendOrder = createSendOrder((flow, sentAt, previous, previousOfFlow) => {
    if (previous !== null) gapLog.gap(null, previous, sentAt);
    if (previousOfFlow !== null) gapLog.gap(flows[flow] as string, previousOfFlow, sentAt);
  });

  /** The sample, with a version among those that are told apart. */
  const withKnownVersion = (sample: Sample): Sample => {
    const { version } = sample;
    if (version === null || versions.has(version)) return sample;
    if (versions.size >= VERSIONS_KEPT) return { ...sample, version: OTHER_VERSION };
    versions.add(version);
    return sample;
  };

  const judge = (a: Attributed) => {
    const dueIn = phaseLog.at(a.sample.dueAt);
    sampled[dueIn] = (sampled[dueIn] ?? 0) + 1;
    cellLog.sample(a);
    bucketLog.sample(a);
    overTimeLog.sample(a);
    getSlotLog.sample(a);
    dueLatencyLog?.sample(a);
    failureLog.sample(a);
    outageLog.sample(a);
    stallLog.sample(a, sendOrder.completeUntil());
    versionLog.sample(a);
    generatorLog.sample(a.sample);
  };

  const ordering = createOrdering((sample, at) => {
    const flow = flowNumbers.get(sample.flow) as number;
    sendOrder.record(sample.seq, flow, sample.dueAt, sample.sentAt);
    idleLog.sample(sample, flow);
    const phase = attribute(sample, phaseLog);
    const a = attributed(sample, flow, phase, at);
    if (phase === WARMUP) countWarmup(warmup, a);
    else judge(a);
  }, generatorLog.longestAsleepMs);

  const run = (over: boolean): Run => {
    const trafficEnd = Math.max(lastSampleAt, generatorLog.ended()?.at ?? 0);
    const endAt = end?.at ?? lastAt;
    phaseLog.lastUntil(endAt);
    const { rows, twice, missing } = sendOrder.counts();
    const sendGaps = gapLog.gaps();
    const largestGap = Math.max(0, ...sendGaps.filter(({ flow }) => flow === null).map(({ maxMs }) => maxMs));
    const generator = generatorLog.generator({
      targetRate: targetRate(),
      rows,
      largestSendGapMs: largestGap,
      machine: machineLog.watch(),
    });
    const cut = over && end === null;
    const ended = generatorLog.ended();
    const started = arrivalLog.started();
    const account = { rows, twice, missing, disordered: ordering.disordered(), unintelligible, started, ended, cut };
    const unlisted = outageLog.dropped();
    return {
      header,
      cut,
      durationMs: endAt,
      phases: phaseLog.phases.map((phase, index) => ({ ...phase, ...arrivalsOf(phase, index) })),
      cells: cellLog.cells(),
      warmup: { ...warmup },
      probes: probeLog.probes(),
      watchers: watchLog.watchers(),
      ...surroundingsLog.surroundings(),
      outages: outageLog.outages(trafficEnd),
      stalls: stallLog.stalls(trafficEnd, generator.senders),
      baselineStallMs: stallLog.baselineMs(trafficEnd),
      sendGaps,
      versions: versionLog.versions(),
      versionOverlapMs: versionLog.overlapMs(),
      buckets: bucketLog.buckets(),
      overTime: overTimeLog.overTime(),
      getSlots: getSlotLog.slots(),
      // Nobody asks for them while the run goes on.
      dueLatencies: over ? (dueLatencyLog?.latencies() ?? null) : null,
      failures: failureLog.failures(),
      borneIdleMs: idleLog.borneMs(),
      idleClosed: idleClosed.slice(),
      output: outputLog.lines(),
      outputDropped: outputLog.dropped(),
      decisions: decisions.slice(),
      notes: [
        ...notes,
        ...(unlisted > 0 ? [{ at: endAt, text: `${formatCount(unlisted)} short outages are not listed.` }] : []),
      ],
      rollbacks: phaseLog.rollbacks(),
      generator,
      end,
      recordFaults: over ? contradictions(account) : [],
    };
  };

  /** Arrivals due in a phase by the schedule, and how many of them are on record. */
  const arrivalsOf = ({ startAt, endAt, judged }: Phase, index: number): { due: number; sampled: number } => {
    if (!judged) return { due: 0, sampled: 0 };
    const onRecord = sampled[index] ?? 0;
    // How many random arrivals were due only the record can tell, unless it has none of them.
    if (!arrivalLog.started() || (random && onRecord > 0)) return { due: onRecord, sampled: onRecord };
    const last = generatorLog.ended()?.due ?? Number.POSITIVE_INFINITY;
    const before = (at: number) => Math.min(last, arrivalLog.dueBefore(at));
    return { due: Math.max(onRecord, Math.floor(before(endAt) - before(startAt))), sampled: onRecord };
  };

  /** The rate that the schedule asked for, on the average of the judged time. */
  const targetRate = (): number => {
    const from = phaseLog.judgedFrom();
    const to = generatorLog.lastDueAt();
    const mean = from === null || to === null ? null : arrivalLog.meanRate(from, to);
    return mean ?? header.traffic.ratePerSec;
  };

  return {
    event(e) {
      if (e.type === 'header') return;
      lastAt = Math.max(lastAt, e.at);
      if (e.type === 'output') outputLog.event(e);
      else if (e.type === 'idle-closed') keep(idleClosed, { at: e.at, idleMs: e.idleMs, how: e.how });
      else if (e.type === 'decision') keep(decisions, e);
      else if (e.type === 'note') keep(notes, { at: e.at, text: e.text });
      else if (e.type === 'end') end = e;
      else if (e.type === 'machine') machineLog.event(e);
      else if (e.type === 'traffic-started' || e.type === 'rate') arrivalLog.event(e);
      else if (e.type === 'harness' || e.type === 'pause' || e.type === 'traffic-ended') generatorLog.event(e);
      else if (e.type === 'observation') watchLog.event(e);
      else if (isAboutSurroundings(e)) surroundingsLog.event(e);
      else if (isAboutProbes(e)) probeLog.event(e);
      else if (isAboutPhases(e)) phaseLog.event(e);
    },
    sample(sample) {
      if (!flowNumbers.has(sample.flow) || !hasSensibleTimes(sample) || sample.endedAt > lastAt + SILENCE_MS) {
        unintelligible++;
        return;
      }
      lastAt = Math.max(lastAt, sample.endedAt);
      lastSampleAt = Math.max(lastSampleAt, sample.endedAt);
      ordering.push(withKnownVersion(sample));
    },
    snapshot: () => run(false),
    finish() {
      ordering.drain();
      sendOrder.finish();
      return run(true);
    },
  };
}

function keep<T>(list: T[], item: T): void {
  if (list.length < EVENTS_KEPT) list.push(item);
}

function countWarmup(warmup: Run['warmup'], a: Attributed): void {
  if (a.sample.outcome.kind === 'unsent') warmup.unsent++;
  else warmup.requests++;
  if (a.failed) warmup.failed++;
}

function hasSensibleTimes({ seq, dueAt, sentAt, endedAt }: Sample): boolean {
  const isTime = Number.isFinite;
  return (
    Number.isSafeInteger(seq) && seq >= 0 && isTime(dueAt) && isTime(endedAt) && (sentAt === null || isTime(sentAt))
  );
}
