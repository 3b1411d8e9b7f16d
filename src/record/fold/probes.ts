import {
  PROBE_FAULTS,
  PROBE_FAULTS_KEPT,
  type ProbeEvent,
  type ProbeFaultEvent,
  type ProbeName,
  type ProbeRequestEvent,
  type ProbeRun,
} from '../../model/probe.js';
import { increment } from './cells.js';
import { isIdleBySleep } from './idle-times.js';
import { obtain } from './keyed.js';
import type { PhaseLog } from './phases.js';

/** Times and versions of one probe listed at most: the first ones. */
const TIMES_KEPT = 10_000;
const VERSIONS_KEPT = 100;

export function isAboutProbes(e: { type: string }): e is ProbeEvent {
  return e.type.startsWith('probe-');
}

export interface ProbeLog {
  event(e: ProbeEvent): void;
  probes(): ProbeRun[];
}

/**
 * The probes of a run, in the scenario's order. What ended before the baseline is left out, but for the gauges (how
 * things stand) and that the probe works.
 */
export function createProbeLog(
  names: readonly ProbeName[],
  log: PhaseLog,
  asleepMs: (from: number, to: number) => number,
): ProbeLog {
  const states = new Map(names.map((name) => [name, emptyState(name)]));

  return {
    event(e) {
      const state = obtain(states, e.probe, () => emptyState(e.probe));
      const { run } = state;
      if (e.type === 'probe-ready') {
        run.detail = e.detail;
        run.readyAt ??= e.at;
        return;
      }
      if (e.type === 'probe-ended') run.ended = true;
      if (e.type === 'probe-counts') Object.assign(run.counts, e.gauges);
      const judgedFrom = log.judgedFrom();
      if (judgedFrom === null || e.at < judgedFrom) return;
      const phase = log.at(e.at);
      if (e.type === 'probe-counts') add(run.counts, e.counts);
      else if (e.type === 'probe-request') {
        const { idleMs = 0, sentAt } = e;
        const isBorne = e.ok && !isIdleBySleep(idleMs, asleepMs(sentAt - idleMs, sentAt));
        if (isBorne) run.borneIdleMs = Math.max(run.borneIdleMs, idleMs);
        request(state, e, phase, log);
      } else if (e.type === 'probe-fault') fault(state, e, phase);
      else if (e.type === 'probe-time' && run.times.length < TIMES_KEPT)
        run.times.push({ at: e.at, phase, name: e.name, ms: e.ms });
    },
    probes: () => [...states.values()].map(folded),
  };
}

interface ProbeState {
  run: ProbeRun;
  byPhase: Map<number, Record<string, number>>;
  straddled: Set<number>;
}

function emptyState(probe: ProbeName): ProbeState {
  const run: ProbeRun = {
    probe,
    detail: '',
    readyAt: null,
    ended: false,
    requests: 0,
    failed: 0,
    counts: Object.fromEntries(PROBE_FAULTS[probe].map(({ count }) => [count, 0])),
    byPhase: [],
    faults: [],
    borneIdleMs: 0,
    times: [],
    versions: [],
    straddled: [],
    failures: [],
  };
  return { run, byPhase: new Map(), straddled: new Set() };
}

function request({ run, straddled }: ProbeState, e: ProbeRequestEvent, phase: number, log: PhaseLog): void {
  const { at, sentAt, name, detail, version } = e;
  run.requests++;
  if (version !== null && !run.versions.includes(version) && run.versions.length < VERSIONS_KEPT)
    run.versions.push(version);
  for (let index = phase; index >= 0; index--) {
    const { startAt, judged } = log.phases[index] as (typeof log.phases)[number];
    if (startAt <= sentAt) break;
    if (judged && startAt < at) straddled.add(index);
  }
  if (e.ok) return;
  run.failed++;
  if (hasRoom(run.failures, phase)) run.failures.push({ sentAt, at, phase, name, detail });
}

function fault({ run, byPhase }: ProbeState, e: ProbeFaultEvent, phase: number): void {
  const { type, probe, ...told } = e;
  const { count } = told;
  increment(run.counts, count);
  increment(
    obtain(byPhase, phase, () => ({})),
    count,
  );
  if (hasRoom(run.faults, phase)) run.faults.push({ ...told, phase });
}

/** Phases follow each other: those of the newest stand last, and a phase with many leaves room for the next. */
function hasRoom(list: readonly { phase: number }[], phase: number): boolean {
  return list.length < PROBE_FAULTS_KEPT || list.at(-PROBE_FAULTS_KEPT)?.phase !== phase;
}

function add(counts: Record<string, number>, more: Record<string, number>): void {
  for (const [key, count] of Object.entries(more)) counts[key] = (counts[key] ?? 0) + count;
}

function folded({ run, byPhase, straddled }: ProbeState): ProbeRun {
  const phases = [...byPhase].sort(([a], [b]) => a - b);
  return {
    ...run,
    counts: { ...run.counts },
    byPhase: phases.map(([phase, counts]) => ({ phase, counts: { ...counts } })),
    faults: run.faults.slice(),
    times: run.times.slice(),
    versions: run.versions.slice(),
    straddled: [...straddled].sort((a, b) => a - b),
    failures: run.failures.slice(),
  };
}
